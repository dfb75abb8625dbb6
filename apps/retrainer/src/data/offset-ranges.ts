import { type Kafka, offsetsOf, type TopicPartition } from '@penstock/kafka';
import { rangeDeleted } from '../problems.ts';

/** The records of one partition from `from` up to `to`, exclusively. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** All that is in the topics now. A dataset cut from these ranges stays the same, whenever it is cut. */
export async function rangesOf(
  kafka: Kafka,
  topics: readonly { readonly topic: string; readonly partitions: number }[],
): Promise<OffsetRange[]> {
  const partitions = topics.flatMap(partitionsOf);
  const [starts, ends] = await Promise.all([offsetsOf(kafka, partitions, 'earliest'), offsetsOf(kafka, partitions, 'latest')]);
  return partitions.map((at, index) => ({ ...at, from: starts[index]?.offset ?? 0, to: ends[index]?.offset ?? 0 }));
}

export function partitionsOf({ topic, partitions }: { topic: string; partitions: number }): TopicPartition[] {
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
}

/** Throws `retrain.range-deleted` when records of the ranges are gone: what is left would be another dataset under the same name. */
export async function refuseDeleted(kafka: Kafka, ranges: readonly OffsetRange[]): Promise<void> {
  const starts = await offsetsOf(kafka, ranges, 'earliest');
  ranges.forEach(({ topic, partition, from, to }, index) => {
    const earliest = starts[index]?.offset ?? 0;
    if (from >= to || from >= earliest) return;
    throw rangeDeleted(
      `${topic}/${partition}: the dataset begins at offset ${from}, retention has left what begins at ${earliest}; start anew, or raise retentionMs of ${topic}`,
      { facts: { topic, partition, from, earliest } },
    );
  });
}
