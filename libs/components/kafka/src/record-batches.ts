import type { OutgoingBatch, OutgoingRecord, TopicPartition } from './port.ts';

/** The head of a record batch (magic 2) and the most that a record and a header cost beyond their bytes. */
const batchHeadBytes = 61;
const recordHeadBytesMax = 5 + 1 + 10 + 5 + 5 + 5 + 5;
const headerHeadBytesMax = 5 + 5;

/** The most that a record takes in a batch, uncompressed. */
export function recordBytes({ key, value, headers }: OutgoingRecord): number {
  let bytes = recordHeadBytesMax + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, content] of headers) bytes += headerHeadBytesMax + name.length + (content?.length ?? 0);
  return bytes;
}

/** True when the record fits into a batch alone. */
export function fits(record: OutgoingRecord, batchBytesMax: number): boolean {
  return batchHeadBytes + recordBytes(record) <= batchBytesMax;
}

type Unnumbered = Omit<OutgoingBatch, 'firstSequence'>;

/** Packs records into rounds: in each round at most one batch for each partition, none larger than its topic takes, order kept. */
export function batchesOf(
  records: readonly (OutgoingRecord & TopicPartition)[],
  batchBytesMax: (topic: string) => number,
): Unnumbered[][] {
  const rounds: Unnumbered[][] = [];
  const filling = new Map<string, { round: number; bytes: number; records: OutgoingRecord[] }>();
  for (const record of records) {
    const { topic, partition } = record;
    const bytes = recordBytes(record);
    const name = `${topic}/${partition}`;
    const last = filling.get(name);
    if (last !== undefined && last.bytes + bytes <= batchBytesMax(topic)) {
      last.records.push(record);
      last.bytes += bytes;
      continue;
    }
    const next = { round: (last?.round ?? -1) + 1, bytes: batchHeadBytes + bytes, records: [record] };
    filling.set(name, next);
    rounds[next.round] ??= [];
    rounds[next.round]?.push({ topic, partition, records: next.records });
  }
  return rounds;
}
