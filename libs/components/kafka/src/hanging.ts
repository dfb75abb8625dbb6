import type { Cluster } from './cluster.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import type { TopicPartition } from './port.ts';

/** Where offsets of groups are kept. */
const offsetsTopic = '__consumer_offsets';

/** What an ended transaction left open. */
export interface Hanging {
  readonly partitions: readonly TopicPartition[];
  readonly offsets: boolean;
}

export interface Places {
  readonly topics: readonly string[];
  /** In one partition of it. */
  readonly changelog: TopicPartition | null;
  readonly groupId: string;
}

/**
 * Where a producer has a transaction open. Right after its fence there can be none, and still there is: a coordinator that ends a
 * transaction while a partition has no leader counts the marker as written (kafka#3130). One broker alone does so whenever it died
 * between a commit and its markers and is back before its session ran out. Readers of committed records then wait for ever.
 */
export async function hangingOf(kafka: Kafka, producerId: bigint, places: Places): Promise<Hanging | null> {
  const shares = await kafka.cluster.byLeader(await partitionsOf(kafka, places), 'send');
  const asked = shares.map(({ at, own }) => kafka.driver.openTransactions(at, own));
  const open = (await Promise.all(asked)).flat().filter((each) => each.producerId === producerId);
  if (open.length === 0) return null;
  const hanging = open.filter(({ topic }) => topic !== offsetsTopic).map(({ topic, partition }) => ({ topic, partition }));
  return { partitions: hanging, offsets: hanging.length < open.length };
}

async function partitionsOf({ cluster }: Kafka, { topics, changelog, groupId }: Places): Promise<TopicPartition[]> {
  const found: TopicPartition[] = changelog === null ? [] : [changelog];
  for (const topic of new Set(topics)) {
    const count = await countOf(cluster, topic);
    for (let partition = 0; partition < count; partition += 1) found.push({ topic, partition });
  }
  const offsets = await countOf(cluster, offsetsTopic);
  if (offsets > 0) found.push({ topic: offsetsTopic, partition: (javaHash(groupId) & 0x7fffffff) % offsets });
  return found;
}

/** Nothing hangs in a topic that is not there; the one of offsets comes with the first group. */
async function countOf(cluster: Cluster, topic: string): Promise<number> {
  try {
    return await cluster.partitionsOf(topic);
  } catch (thrown) {
    if (KafkaError.is(thrown, kafkaCode.unknownTopicOrPartition, kafkaCode.topicUnauthorised)) return 0;
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
