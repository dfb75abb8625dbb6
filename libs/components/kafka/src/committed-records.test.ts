import { describe, expect, test } from '@jest/globals';
import { committedRecords } from './committed-records.ts';
import type { FetchedBatch, FetchedPartition } from './port.ts';

const batch = (
  producerId: bigint,
  offsets: readonly number[],
  kind: { transactional?: boolean; control?: boolean } = {},
): FetchedBatch => ({
  lastOffset: offsets.at(-1) as number,
  producerId,
  transactional: kind.transactional ?? true,
  control: kind.control ?? false,
  records: offsets.map((offset) => ({ offset, timestampMs: 0, key: null, value: null, headers: [] })),
});
const fetched = (batches: FetchedBatch[], abortedTransactions: FetchedPartition['abortedTransactions']): FetchedPartition => ({
  topic: 't',
  partition: 0,
  errorCode: 0,
  lastStableOffset: 100,
  abortedTransactions,
  batches,
});
const marker = (producerId: bigint, offset: number): FetchedBatch => batch(producerId, [offset], { control: true });

describe('committed records', () => {
  test('leave out an aborted transaction up to its marker, and keep what others wrote in between', () => {
    const batches = [
      batch(1n, [0, 1]),
      batch(2n, [2, 3]),
      marker(1n, 4),
      batch(1n, [5]),
      marker(2n, 6),
      batch(9n, [7], { transactional: false }),
    ];
    const { records, nextOffset } = committedRecords(fetched(batches, [{ producerId: 1n, firstOffset: 0 }]), 0);
    expect(records.map(({ offset }) => offset)).toEqual([2, 3, 5, 7]);
    expect(nextOffset).toBe(8);
  });

  test('leave out each of two aborted transactions of one producer, whatever their order in the answer', () => {
    const batches = [batch(1n, [0]), marker(1n, 1), batch(1n, [2]), marker(1n, 3), batch(1n, [4]), marker(1n, 5)];
    const aborted = [
      { producerId: 1n, firstOffset: 4 },
      { producerId: 1n, firstOffset: 0 },
    ];
    expect(committedRecords(fetched(batches, aborted), 0).records.map(({ offset }) => offset)).toEqual([2]);
  });

  test('begin at the offset that was asked for, and go on behind batches in which nothing is left', () => {
    expect(committedRecords(fetched([batch(1n, [3, 4, 5])], []), 5)).toMatchObject({ records: [{ offset: 5 }], nextOffset: 6 });
    expect(committedRecords(fetched([marker(1n, 3)], []), 3)).toEqual({ records: [], nextOffset: 4 });
    expect(committedRecords(fetched([], []), 3)).toEqual({ records: [], nextOffset: 3 });
    const compacted = { ...batch(1n, [3]), lastOffset: 9 };
    expect(committedRecords(fetched([compacted], []), 3).nextOffset).toBe(10);
  });
});
