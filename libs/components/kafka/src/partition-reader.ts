import { committedRecords } from './committed-records.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import { untilKnown } from './persistence.ts';
import type { Channel, FetchedRecord, PartitionOffset, TopicPartition } from './port.ts';
import { deletedUnread, problemOf } from './problems.ts';

export interface Fetched {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: number;
  /** True when nothing committed lay beyond `nextOffset` when the broker answered. */
  readonly reachedEnd: boolean;
}

export interface FetchLimits {
  readonly waitMs: number;
  readonly bytesMax: number;
}

/** One read_committed fetch of one partition from an offset. Throws Problems. */
export async function fetchFrom(
  kafka: Kafka,
  at: TopicPartition & { offset: number },
  how: FetchLimits & { channel: Channel },
): Promise<Fetched> {
  const { cluster, driver } = kafka;
  try {
    return await cluster.following(async () => {
      const address = await cluster.leader(at, how.channel);
      const limits = { waitMs: how.waitMs, bytesMax: how.bytesMax, partitionBytesMax: how.bytesMax };
      const [fetched] = await driver.fetch(address, { partitions: [at], ...limits });
      if (fetched === undefined)
        throw new KafkaError(kafkaCode.noAnswer, `fetch of ${at.topic}/${at.partition}: the answer names no partition`);
      if (fetched.errorCode !== kafkaCode.none)
        throw new KafkaError(fetched.errorCode, `fetch of ${at.topic}/${at.partition} from ${at.offset}`);
      const { records, nextOffset } = committedRecords(fetched, at.offset);
      return { records, nextOffset, reachedEnd: nextOffset >= fetched.lastStableOffset };
    });
  } catch (thrown) {
    if (KafkaError.is(thrown, kafkaCode.offsetOutOfRange)) throw outOfRange(at, thrown);
    throw problemOf(thrown, `fetch of ${at.topic}/${at.partition}`);
  }
}

function outOfRange({ topic, partition, offset }: TopicPartition & { offset: number }, cause: unknown): unknown {
  const message = `${topic}/${partition}: offset ${offset} is not there any more: records were deleted before they were read; raise the topic's retention, and reset the group's offsets to go on without them`;
  return deletedUnread(message, { facts: { topic, partition, offset }, cause });
}

export interface RangeOptions {
  readonly from: number | 'earliest';
  /** Exclusive. `latest`: what is committed when the reading begins. `never`: goes on until the signal aborts. */
  readonly to: number | 'latest' | 'never';
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

let reads = 0;

/**
 * The committed records of one partition in [from, to), in order, without a consumer group. Holds one fetch at a time. Ends early
 * when the signal aborts.
 */
export async function* readRange(kafka: Kafka, at: TopicPartition, options: RangeOptions): AsyncGenerator<FetchedRecord> {
  reads += 1;
  const channel: Channel = `read:range ${reads}`;
  const to = await exclusiveEnd(kafka, at, options.to);
  let offset = options.from === 'earliest' ? await endOf(kafka, at, 'earliest') : options.from;
  try {
    while (offset < to && !options.signal?.aborted) {
      const limits = { waitMs: 500, bytesMax: options.bytesMax ?? 4_194_304, channel };
      const { records, nextOffset } = await fetchFrom(kafka, { ...at, offset }, limits);
      const beyond = records.findIndex((record) => record.offset >= to);
      yield* beyond < 0 ? records : records.slice(0, beyond);
      offset = nextOffset;
    }
  } finally {
    await kafka.driver.release(channel);
  }
}

async function exclusiveEnd(kafka: Kafka, at: TopicPartition, to: RangeOptions['to']): Promise<number> {
  if (to === 'never') return Number.POSITIVE_INFINITY;
  return to === 'latest' ? endOf(kafka, at, 'latest') : to;
}

/** The first offset that is still there, or the offset after the last committed record. Throws Problems. */
export async function endOf(kafka: Kafka, at: TopicPartition, which: 'earliest' | 'latest'): Promise<number> {
  const [found] = await offsetsOf(kafka, [at], which);
  return found?.offset ?? 0;
}

/** As `endOf`, for several partitions. */
export async function offsetsOf(
  kafka: Kafka,
  partitions: readonly TopicPartition[],
  which: 'earliest' | 'latest',
): Promise<(TopicPartition & { offset: number })[]> {
  const { cluster, driver } = kafka;
  const ask = async (at: TopicPartition): Promise<TopicPartition & { offset: number }> => {
    const [found] = await driver.listOffsets(await cluster.leader(at, 'ask'), { which, partitions: [at] });
    return { topic: at.topic, partition: at.partition, offset: found?.offset ?? 0 };
  };
  try {
    return await Promise.all(partitions.map((at) => cluster.following(() => ask(at))));
  } catch (thrown) {
    throw problemOf(thrown, `${which} offsets`);
  }
}

/** A new cluster makes the topic of its groups when it is first asked, and says so until it has. */
const coordinatorMsMax = 10_000;
const electing = new Set<number>([kafkaCode.coordinatorLoading, kafkaCode.coordinatorNotAvailable, kafkaCode.notCoordinator]);

/** Where a group goes on; null where it has committed nothing. Throws Problems. */
export async function committedOffset(kafka: Kafka, groupId: string, at: TopicPartition): Promise<number | null> {
  const { cluster, driver } = kafka;
  try {
    const ask = (): Promise<readonly PartitionOffset[]> =>
      cluster.following(async () => driver.fetchOffsets(await cluster.coordinator('group', groupId, 'ask'), groupId, [at]));
    const signal = new AbortController().signal;
    const passing = (thrown: unknown): boolean => thrown instanceof KafkaError && electing.has(thrown.code);
    const found = await untilKnown({ clock: kafka.clock, signal, withinMs: coordinatorMsMax, passing }, ask);
    return found[0]?.offset ?? null;
  } catch (thrown) {
    throw problemOf(thrown, `committed offset of group ${groupId}`);
  }
}
