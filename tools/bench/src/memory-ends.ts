import type { Assignment, Batch, Claim, Delivery, Header, Sink, Source } from '@penstock/pipeline';

const encoder = new TextEncoder();
const never = new AbortController().signal;

export interface Reading {
  readonly key: Uint8Array;
  readonly payload: Uint8Array;
  readonly headers: readonly Header[];
}

export const batchRows = 500;

/** Readings over and over, in batches as a broker hands them out, until `records` have been read. */
export function createMemorySource(readings: readonly Reading[], records: number): Source {
  const lane = 'bench/0';
  const assignment: Assignment = {
    lane,
    revoked: never,
    async *batches() {
      for (let from = 0; from < records; from += batchRows) yield createBatch(readings, from);
    },
    settle: () => undefined,
    caughtUpAtMs: () => null,
  };
  return {
    async *assignments() {
      yield assignment;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function createBatch(readings: readonly Reading[], from: number): Batch {
  const at = (row: number): Reading => readings[(from + row) % readings.length] as Reading;
  return {
    lane: 'bench/0',
    from,
    to: from + batchRows,
    length: batchRows,
    bytes: batchRows * 250,
    key: (row) => at(row).key,
    payload: (row) => at(row).payload,
    headers: (row) => at(row).headers,
    position: (row) => from + row,
    arrivedAtMs: () => 0,
  };
}

/** Counts what it is given. */
export class CountingSink implements Sink {
  records = 0;
  bytes = 0;

  stores(): boolean {
    return true;
  }

  async claim(): Promise<Claim> {
    return {
      position: 0,
      async *restore() {},
      deliver: async (delivery) => this.#count(delivery),
      async [Symbol.asyncDispose]() {},
    };
  }

  #count(delivery: Delivery): void {
    this.records += delivery.outputs.length;
    for (const { payload } of delivery.outputs) this.bytes += payload?.length ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const readingHeaders: readonly Header[] = [
  ['ce_id', encoder.encode('device-1/1')],
  ['traceparent', encoder.encode('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')],
];
