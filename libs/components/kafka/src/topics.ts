import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import { untilKnown } from './persistence.ts';
import { differentPartitions, problemOf } from './problems.ts';

export interface TopicDeclaration {
  readonly topic: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** -1: for ever. Ignored by a compacted topic. */
  readonly retentionMs: number;
  /** Of a record batch; the broker's default when absent. */
  readonly batchBytesMax?: number;
  /** The broker's default when absent. */
  readonly replicationFactor?: number;
}

const createMsMax = 30_000;

/**
 * Creates the topics that are missing, with arrival as their timestamp: retention goes by it, and a clock that is ahead spoils
 * nothing. Settings of topics that exist are left alone; another number of partitions is a Problem, since it moves keys.
 */
export async function ensureTopics(kafka: Kafka, declarations: readonly TopicDeclaration[]): Promise<void> {
  for (const declaration of declarations) {
    try {
      await ensureTopic(kafka, declaration);
    } catch (thrown) {
      throw problemOf(thrown, `topic ${declaration.topic}`);
    }
  }
}

async function ensureTopic(kafka: Kafka, declaration: TopicDeclaration): Promise<void> {
  const existing = await partitionsOrNull(kafka, declaration.topic);
  if (existing === null) await createTopic(kafka, declaration);
  const partitions = existing ?? (await awaitLeaders(kafka, declaration.topic));
  if (partitions === declaration.partitions) return;
  const { topic } = declaration;
  throw differentPartitions(
    `topic ${topic}: it has ${partitions} partitions, ${declaration.partitions} are declared; keys would move. Declare ${partitions}, or give the topic another name`,
    { facts: { topic, partitions, declared: declaration.partitions } },
  );
}

async function partitionsOrNull({ cluster }: Kafka, topic: string): Promise<number | null> {
  try {
    return await cluster.partitionsOf(topic);
  } catch (thrown) {
    if (KafkaError.is(thrown, kafkaCode.unknownTopicOrPartition)) return null;
    throw thrown;
  }
}

async function createTopic({ cluster, driver }: Kafka, declaration: TopicDeclaration): Promise<void> {
  const { topic, partitions, replicationFactor = -1 } = declaration;
  const request = { topic, partitions, replicationFactor, settings: settingsOf(declaration) };
  try {
    await driver.createTopic(await cluster.controller(), request);
  } catch (thrown) {
    if (!KafkaError.is(thrown, kafkaCode.topicExists)) throw thrown; // somebody was faster
  }
}

function settingsOf({ cleanup, retentionMs, batchBytesMax }: TopicDeclaration): Record<string, string> {
  return {
    'cleanup.policy': cleanup,
    'message.timestamp.type': 'LogAppendTime',
    ...(cleanup === 'compact' ? {} : { 'retention.ms': String(retentionMs) }),
    ...(batchBytesMax === undefined ? {} : { 'max.message.bytes': String(batchBytesMax) }),
  };
}

/** A topic that was just created is known to all brokers a moment later. */
function awaitLeaders({ cluster, clock }: Kafka, topic: string): Promise<number> {
  const within = { clock, signal: new AbortController().signal, withinMs: createMsMax };
  return untilKnown(within, async () => {
    cluster.forget();
    await cluster.leader({ topic, partition: 0 }, 'ask');
    return cluster.partitionsOf(topic);
  });
}

/** The topics' number of partitions by name. Throws `kafka.unknown-topic`. */
export async function describeTopics({ cluster }: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  try {
    return new Map(await Promise.all(topics.map(async (topic) => [topic, await cluster.partitionsOf(topic)] as const)));
  } catch (thrown) {
    throw problemOf(thrown, `topics ${topics.join(', ')}`);
  }
}

/** Deletes topics with all that is in them; those that do not exist are no trouble. */
export async function deleteTopics({ cluster, driver }: Kafka, topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    try {
      await driver.deleteTopics(await cluster.controller(), [topic]);
    } catch (thrown) {
      if (!KafkaError.is(thrown, kafkaCode.unknownTopicOrPartition)) throw problemOf(thrown, `deleting topic ${topic}`);
    }
  }
  cluster.forget();
}

const sizeSetting = 'max.message.bytes';

/** The largest record batch that each topic takes. Throws Problems. */
export async function batchLimits({ cluster, driver }: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const ask = async (topic: string): Promise<readonly [string, number]> => {
    const settings = await cluster.atAny((at) => driver.topicSettings(at, topic, [sizeSetting]));
    return [topic, Number(settings.get(sizeSetting) ?? 1_048_588)];
  };
  try {
    return new Map(await Promise.all(topics.map(ask)));
  } catch (thrown) {
    throw problemOf(thrown, 'topic settings');
  }
}
