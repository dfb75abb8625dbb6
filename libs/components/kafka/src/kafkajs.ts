import type Broker from 'kafkajs/src/broker/index.js';
import type { Protocol } from 'kafkajs/src/network/connectionPool.js';
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js';
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import { connectBroker, cut, poolOf } from './kafkajs-connection.ts';
import { describeOpenTransactions, describeTransaction, type Told } from './kafkajs-open-transactions.ts';
import { decodeFetch, encodeProduce } from './kafkajs-records.ts';
import type {
  Address,
  Channel,
  Driver,
  DriverOptions,
  NodeAddress,
  OpenTransaction,
  PartitionOffset,
  TopicPartition,
} from './port.ts';
import { consumerProtocolType, earliestTimestamp, groupByTopic, latestTimestamp, readCommitted, topicResource } from './wire.ts';

/** Kafka through kafkajs's requests. Its own producer and consumer are not used: see README, decisions. */
export function openKafkajsDriver(options: DriverOptions): Driver {
  const channels = new Map<Channel, Map<string, Promise<Broker>>>();
  const brokerAt = async ({ host, port, channel }: Address): Promise<Broker> => {
    const name = `${host}:${port}`;
    const brokers = channels.get(channel) ?? new Map<string, Promise<Broker>>();
    const connected = brokers.get(name) ?? connectBroker({ host, port }, options);
    channels.set(channel, brokers.set(name, connected));
    try {
      return await connected;
    } catch (thrown) {
      if (brokers.get(name) === connected) brokers.delete(name);
      throw thrown;
    }
  };
  let closed = false;
  const send: Send = async (at, protocolOf) => {
    if (closed) throw new KafkaError(kafkaCode.noAnswer, 'the driver is closed');
    try {
      const broker = await brokerAt(at);
      return await poolOf(broker).send(protocolOf(broker));
    } catch (thrown) {
      throw kafkaErrorOf(thrown);
    }
  };
  const ask: Ask = (at, api, { args, change }) =>
    send(at, (broker) => {
      const protocol = broker.lookupRequest(apiKeys[api] as number, requests[api] as object)(args);
      return { ...protocol, ...change?.(protocol) };
    });
  const release = async (channel: Channel): Promise<void> => {
    const connecting = [...(channels.get(channel)?.values() ?? [])];
    channels.delete(channel);
    await Promise.allSettled(connecting.map(async (connected) => cut(await connected)));
  };
  const close = async (): Promise<void> => {
    closed = true;
    await Promise.all([...channels.keys()].map(release));
  };
  const kinds = { ...transactions(ask), ...openTransactions(send), ...records(ask), ...groups(ask), ...cluster(ask) };
  return { ...kinds, release, [Symbol.asyncDispose]: close };
}

type Send = (at: Address, protocolOf: (broker: Broker) => Protocol) => Promise<unknown>;

type Ask = (
  at: Address,
  api: string,
  call: { args: object; change?: (protocol: Protocol) => Partial<Protocol> },
) => Promise<unknown>;

function transactions(
  ask: Ask,
): Pick<Driver, 'initProducer' | 'addPartitions' | 'addOffsets' | 'commitTransactionOffsets' | 'endTransaction'> {
  return {
    initProducer: async (at, { transactionalId, transactionTimeoutMs }) => {
      const args = { transactionalId, transactionTimeout: transactionTimeoutMs };
      const answer = (await ask(at, 'InitProducerId', { args })) as { producerId: string; producerEpoch: number };
      return { producerId: BigInt(answer.producerId), producerEpoch: answer.producerEpoch };
    },
    addPartitions: async (at, transaction, partitions) => {
      const topics = topicsOf(partitions, ({ partition }) => partition);
      await ask(at, 'AddPartitionsToTxn', { args: { ...transaction, topics } });
    },
    addOffsets: async (at, transaction, groupId) => {
      await ask(at, 'AddOffsetsToTxn', { args: { ...transaction, groupId } });
    },
    commitTransactionOffsets: async (at, transaction, { groupId, offsets }) => {
      await ask(at, 'TxnOffsetCommit', { args: { ...transaction, groupId, topics: topicsOf(offsets, committed) } });
    },
    endTransaction: async (at, transaction, commit) => {
      await ask(at, 'EndTxn', { args: { ...transaction, transactionResult: commit } });
    },
  };
}

function openTransactions(send: Send): Pick<Driver, 'transactionState' | 'openTransactions'> {
  return {
    transactionState: async (at, transactionalId) => {
      const told = await send(at, () => describeTransaction(transactionalId));
      return (told as Told<string | null>).answer;
    },
    openTransactions: async (at, partitions) => {
      const told = await send(at, () => describeOpenTransactions(partitions));
      return (told as Told<readonly OpenTransaction[]>).answer;
    },
  };
}

function topicsOf<Item extends TopicPartition, Own>(
  items: readonly Item[],
  each: (item: Item) => Own,
): { topic: string; partitions: Own[] }[] {
  return [...groupByTopic(items)].map(([topic, own]) => ({ topic, partitions: own.map(each) }));
}

const committed = ({ partition, offset }: PartitionOffset) => ({ partition, offset: String(offset), metadata: null });
const asItIs = async (data: unknown): Promise<unknown> => data;

function records(ask: Ask): Pick<Driver, 'produce' | 'fetch' | 'listOffsets'> {
  return {
    produce: async (at, request) => {
      const args = { acks: -1, timeout: request.timeoutMs, topicData: [] };
      await ask(at, 'Produce', {
        args,
        change: ({ request: head }) => ({ request: { ...head, encode: () => encodeProduce(request) } }),
      });
    },
    fetch: async (at, { partitions, waitMs, bytesMax, partitionBytesMax }) => {
      const topics = topicsOf(partitions, ({ partition, offset }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: partitionBytesMax,
      }));
      const args = { maxWaitTime: waitMs, minBytes: 1, maxBytes: bytesMax, isolationLevel: readCommitted, topics, rackId: '' };
      const change = () => ({ response: { decode: decodeFetch, parse: asItIs } });
      const answer = (await ask(at, 'Fetch', { args, change })) as Awaited<ReturnType<typeof decodeFetch>>;
      if (answer.errorCode !== 0) throw new KafkaError(answer.errorCode, 'fetch');
      return answer.partitions;
    },
    listOffsets: async (at, { which, partitions }) => {
      const timestamp = String(which === 'earliest' ? earliestTimestamp : latestTimestamp);
      const args = {
        replicaId: -1,
        isolationLevel: readCommitted,
        topics: topicsOf(partitions, ({ partition }) => ({ partition, timestamp })),
      };
      return offsetsOf(await ask(at, 'ListOffsets', { args }));
    },
  };
}

function offsetsOf(answer: unknown): PartitionOffset[] {
  const { responses } = answer as { responses: { topic: string; partitions: { partition: number; offset: string }[] }[] };
  return responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
  );
}

function groups(
  ask: Ask,
): Pick<Driver, 'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup' | 'commitOffsets' | 'fetchOffsets'> {
  return {
    joinGroup: async (at, { groupId, memberId, protocol, metadata, sessionTimeoutMs, rebalanceTimeoutMs }) => {
      const times = { sessionTimeout: sessionTimeoutMs, rebalanceTimeout: rebalanceTimeoutMs };
      const args = {
        groupId,
        memberId,
        protocolType: consumerProtocolType,
        groupProtocols: [{ name: protocol, metadata }],
        ...times,
      };
      const joined = (await ask(at, 'JoinGroup', { args })) as JoinAnswer;
      const members = joined.members.map(({ memberId, memberMetadata }) => ({ memberId, metadata: memberMetadata }));
      return { generationId: joined.generationId, memberId: joined.memberId, leaderId: joined.leaderId, members };
    },
    syncGroup: async (at, { groupId, generationId, memberId, assignments }) => {
      const groupAssignment = assignments.map(({ memberId, assignment }) => ({ memberId, memberAssignment: assignment }));
      const answer = await ask(at, 'SyncGroup', { args: { groupId, generationId, memberId, groupAssignment } });
      return (answer as { memberAssignment: Buffer }).memberAssignment;
    },
    heartbeat: async (at, { groupId, generationId, memberId }) => {
      await ask(at, 'Heartbeat', { args: { groupId, memberId, groupGenerationId: generationId } });
    },
    leaveGroup: async (at, { groupId, memberId }) => {
      await ask(at, 'LeaveGroup', { args: { groupId, memberId, members: [{ memberId }] } });
    },
    commitOffsets: async (at, { groupId, generationId, memberId }, offsets) => {
      const args = { groupId, memberId, groupGenerationId: generationId, topics: topicsOf(offsets, committed) };
      await ask(at, 'OffsetCommit', { args });
    },
    fetchOffsets: async (at, groupId, partitions) => {
      const args = { groupId, topics: topicsOf(partitions, ({ partition }) => ({ partition })) };
      return offsetsOf(await ask(at, 'OffsetFetch', { args })).filter(({ offset }) => offset >= 0);
    },
  };
}

interface JoinAnswer {
  readonly generationId: number;
  readonly memberId: string;
  readonly leaderId: string;
  readonly members: readonly { memberId: string; memberMetadata: Buffer }[];
}

function cluster(ask: Ask): Pick<Driver, 'metadata' | 'findCoordinator' | 'createTopic' | 'deleteTopics' | 'topicSettings'> {
  return {
    metadata: async (at, topics) => {
      const args = { topics, allowAutoTopicCreation: false };
      const change = ({ response }: Protocol) => ({ response: { decode: (raw: Buffer) => response.decode(raw), parse: asItIs } });
      const { brokers, controllerId, topicMetadata } = (await ask(at, 'Metadata', { args, change })) as MetadataAnswer;
      const known = topicMetadata.filter(({ topicErrorCode }) => topicErrorCode !== kafkaCode.unknownTopicOrPartition);
      const layout = known.map(
        ({ topic, partitionMetadata }) =>
          [topic, partitionMetadata.map(({ partitionId, leader }) => ({ partition: partitionId, leaderId: leader }))] as const,
      );
      return { nodes: brokers, controllerId, topics: new Map(layout) };
    },
    findCoordinator: async (at, kind, key) => {
      const args = { groupId: key, coordinatorType: kind === 'group' ? 0 : 1 };
      return ((await ask(at, 'GroupCoordinator', { args })) as { coordinator: NodeAddress }).coordinator;
    },
    createTopic: async (at, { topic, partitions, replicationFactor, settings }) => {
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions: partitions, replicationFactor, configEntries }];
      await ask(at, 'CreateTopics', { args: { topics, timeout: 15_000, validateOnly: false } });
    },
    deleteTopics: async (at, topics) => {
      await ask(at, 'DeleteTopics', { args: { topics, timeout: 15_000 } });
    },
    topicSettings: async (at, topic, names) => {
      const args = { resources: [{ type: topicResource, name: topic, configNames: names }], includeSynonyms: false };
      const { resources } = (await ask(at, 'DescribeConfigs', { args })) as SettingsAnswer;
      return new Map(
        resources.flatMap(({ configEntries }) =>
          configEntries.map(({ configName, configValue }) => [configName, configValue] as const),
        ),
      );
    },
  };
}

interface MetadataAnswer {
  readonly brokers: readonly NodeAddress[];
  readonly controllerId: number;
  readonly topicMetadata: readonly {
    topicErrorCode: number;
    topic: string;
    partitionMetadata: readonly { partitionId: number; leader: number }[];
  }[];
}

interface SettingsAnswer {
  readonly resources: readonly { configEntries: readonly { configName: string; configValue: string }[] }[];
}

const unlisted = /Unknown error code (\d+)/;

function kafkaErrorOf(thrown: unknown): unknown {
  if (thrown instanceof KafkaError || !(thrown instanceof Error)) return thrown;
  if (thrown.name === 'KafkaJSAggregateError') return kafkaErrorOf((thrown as Error & { errors: unknown[] }).errors[0]);
  const { name, code, message, memberId } = thrown as Error & { code?: number; memberId?: string };
  if (typeof code === 'number' && name !== 'KafkaJSConnectionError') {
    const told = Number(unlisted.exec(message)?.[1] ?? code); // its table ends at 88: PRODUCER_FENCED is 90
    return new KafkaError(told, message, { ...(memberId === undefined ? {} : { memberId }), cause: thrown });
  }
  if (name === 'KafkaJSSASLAuthenticationError')
    return new KafkaError(kafkaCode.authenticationFailed, message, { cause: thrown });
  const unanswered =
    name.startsWith('KafkaJSConnection') || name === 'KafkaJSRequestTimeoutError' || name === 'KafkaJSLockTimeout';
  return unanswered ? new KafkaError(kafkaCode.noAnswer, message, { cause: thrown }) : thrown;
}
