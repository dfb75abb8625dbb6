import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import type { Address, TopicPartition } from './port.ts';

/** Where offsets of groups are kept. */
const offsetsTopic = '__consumer_offsets';

/** What an ended transaction left open. */
export interface Hanging {
  readonly partitions: readonly TopicPartition[];
  readonly offsets: boolean;
}

export interface Places {
  readonly partitions: readonly TopicPartition[];
  readonly groupId: string;
}

/**
 * Where a producer has a transaction open. Right after its fence there can be none, and still there is: a coordinator that ends a
 * transaction while a partition has no leader counts the marker as written (kafka#3130). One broker alone does so whenever it died
 * between a commit and its markers and is back before its session ran out. Readers of committed records then wait for ever.
 */
export async function hangingOf(kafka: Kafka, producerId: bigint, { partitions, groupId }: Places): Promise<Hanging | null> {
  const offsets = await offsetsPartition(kafka, groupId);
  const leaders = new Map<string, { at: Address; own: TopicPartition[] }>();
  for (const partition of [...partitions, ...offsets]) {
    const at = await kafka.cluster.leader(partition, 'send');
    const share = leaders.get(`${at.host}:${at.port}`) ?? { at, own: [] };
    share.own.push(partition);
    leaders.set(`${at.host}:${at.port}`, share);
  }
  const asked = [...leaders.values()].map(({ at, own }) => kafka.driver.openTransactions(at, own));
  const open = (await Promise.all(asked)).flat().filter((each) => each.producerId === producerId);
  if (open.length === 0) return null;
  const hanging = open.filter(({ topic }) => topic !== offsetsTopic).map(({ topic, partition }) => ({ topic, partition }));
  return { partitions: hanging, offsets: hanging.length < open.length };
}

/** None where no group has committed anything yet. */
async function offsetsPartition({ cluster }: Kafka, groupId: string): Promise<TopicPartition[]> {
  try {
    const count = await cluster.partitionsOf(offsetsTopic);
    return [{ topic: offsetsTopic, partition: (javaHash(groupId) & 0x7fffffff) % count }];
  } catch (thrown) {
    if (KafkaError.is(thrown, kafkaCode.unknownTopicOrPartition, kafkaCode.topicUnauthorised)) return [];
    throw thrown;
  }
}

function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/**
 * How what hangs was to end. Null, no transaction since the last fence: whoever fenced ended before it had mended this. What was
 * acknowledged must not be lost, so it is taken for committed then.
 */
export function wasCommitted(state: string | null): boolean {
  return !['Ongoing', 'PrepareAbort', 'CompleteAbort', 'PrepareEpochFence'].includes(state ?? '');
}
