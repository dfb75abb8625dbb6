import type { FetchedPartition, FetchedRecord } from './port.ts';

/** What a reader of committed records may see of a fetch, and where it goes on. */
export interface CommittedRecords {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: number;
}

/**
 * Leaves out control records, records of aborted transactions, and what lies before the offset that was asked for (a broker sends
 * whole batches). KIP-98: a transaction is aborted from its first offset to the marker of its producer.
 */
export function committedRecords(fetched: FetchedPartition, fromOffset: number): CommittedRecords {
  const starting = [...fetched.abortedTransactions].sort((left, right) => left.firstOffset - right.firstOffset);
  const aborted = new Set<bigint>();
  const records: FetchedRecord[] = [];
  let nextOffset = fromOffset;
  for (const batch of fetched.batches) {
    while (starting[0] !== undefined && starting[0].firstOffset <= batch.lastOffset)
      aborted.add((starting.shift() as { producerId: bigint }).producerId);
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
    if (batch.control) aborted.delete(batch.producerId);
    else if (!(batch.transactional && aborted.has(batch.producerId))) keepFrom(fromOffset, batch.records, records);
  }
  return { records, nextOffset };
}

function keepFrom(fromOffset: number, candidates: readonly FetchedRecord[], kept: FetchedRecord[]): void {
  for (const record of candidates) if (record.offset >= fromOffset) kept.push(record);
}
