import type { Assignment, Batch, Source } from '@penstock/pipeline';

/** Reads a source by hand, a batch at a time. */
export interface Hand {
  readonly assignment: Assignment;
  /** Rows that were read and not taken yet, until there are as many as asked for. */
  take(rows: number): Promise<Row[]>;
  /** Starts a new iteration, as the engine does after a failure. */
  again(from?: number | null): void;
}

export interface Row {
  readonly position: number;
  readonly payload: string;
  readonly batch: Batch;
  readonly row: number;
}

export async function takeInHand(source: Source): Promise<Hand> {
  const signal = new AbortController().signal;
  const first = await source.assignments(signal)[Symbol.asyncIterator]().next();
  const assignment = first.value as Assignment;
  let iterator = assignment.batches(null)[Symbol.asyncIterator]();
  let left: Row[] = [];
  return {
    assignment,
    async take(rows) {
      while (left.length < rows) {
        const { value, done } = await iterator.next();
        if (done) throw new Error(`the iteration ended after ${left.length} of ${rows} rows`);
        left.push(...rowsOf(value));
      }
      const taken = left.slice(0, rows);
      left = left.slice(rows);
      return taken;
    },
    again(from = null) {
      iterator = assignment.batches(from)[Symbol.asyncIterator]();
      left = [];
    },
  };
}

function rowsOf(batch: Batch): Row[] {
  return Array.from({ length: batch.length }, (_, row) => ({
    position: batch.position(row),
    payload: Buffer.from(batch.payload(row) ?? []).toString('utf8'),
    batch,
    row,
  }));
}
