import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type Connection,
  ConnectionPool,
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV4,
  describeProducersV0,
  describeTransactionsV0,
  endTxnV3,
  fetchV12,
  findCoordinatorV3,
  GenericError,
  heartbeatV4,
  initProducerIdV4,
  joinGroupV7,
  leaveGroupV4,
  listOffsetsV6,
  MultipleErrors,
  metadataV9,
  NumericMap,
  offsetCommitV8,
  offsetFetchV7,
  produceV9,
  syncGroupV5,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import { fetchedOf, type MessageRecord, messageOf } from './platformatic-records.ts';
import type { Address, Channel, Driver, DriverOptions } from './port.ts';
import {
  consumerProtocolType,
  earliestTimestamp,
  groupByTopic,
  latestTimestamp,
  readCommitted,
  stateOf,
  topicResource,
} from './wire.ts';

/** Kafka through @platformatic/kafka's requests. Its own producer and consumer are not used: see README, decisions. */
export function openPlatformaticDriver(options: DriverOptions): Driver {
  const pools = new Map<Channel, ConnectionPool>();
  const poolOf = (channel: Channel): ConnectionPool => {
    const pool = pools.get(channel) ?? openPool(options);
    pools.set(channel, pool);
    return pool;
  };
  const ask = async <Answer>(at: Address, send: (connection: Connection) => Promise<Answer>): Promise<Answer> => {
    try {
      return await send(await poolOf(at.channel).get({ host: at.host, port: at.port }));
    } catch (thrown) {
      throw kafkaErrorOf(thrown);
    }
  };
  const release = async (channel: Channel): Promise<void> => {
    const pool = pools.get(channel);
    pools.delete(channel);
    if (pool !== undefined) await closeAll([pool]);
  };
  const close = (): Promise<void> => closeAll([...pools.values()]);
  return {
    ...transactions(ask),
    ...openTransactions(ask),
    ...records(ask),
    ...groups(ask),
    ...cluster(ask),
    release,
    [Symbol.asyncDispose]: close,
  };
}

type Ask = <Answer>(at: Address, send: (connection: Connection) => Promise<Answer>) => Promise<Answer>;

function openPool({ clientId, connectTimeoutMs, requestTimeoutMs, tls, sasl }: DriverOptions): ConnectionPool {
  const pool = new ConnectionPool(clientId, {
    connectTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    ...(tls === null ? {} : { tls: { ...tls }, tlsServerName: true }),
    ...(sasl === null ? {} : { sasl: { ...sasl } }),
  });
  // A connection may emit more than one error; each request is told of its own, and an event that nobody hears would end the process.
  pool.on('connecting', ({ connection }) => connection.on('error', () => undefined));
  return pool;
}

async function closeAll(pools: readonly ConnectionPool[]): Promise<void> {
  await Promise.allSettled(pools.map((pool) => pool.close()));
}

function transactions(
  ask: Ask,
): Pick<Driver, 'initProducer' | 'addPartitions' | 'addOffsets' | 'commitTransactionOffsets' | 'endTransaction'> {
  return {
    // -1 and -1: a new owner. Zero and zero, the client's own default, would be taken for the current owner and fence nobody.
    initProducer: (at, { transactionalId, transactionTimeoutMs }) =>
      ask(at, (connection) => initProducerIdV4.api.async(connection, transactionalId, transactionTimeoutMs, -1n, -1)),
    addPartitions: async (at, { transactionalId, producerId, producerEpoch }, partitions) => {
      const topics = [...groupByTopic(partitions)].map(([name, own]) => ({
        name,
        partitions: own.map(({ partition }) => partition),
      }));
      const transaction = { transactionalId, producerId, producerEpoch, verifyOnly: false, topics };
      await ask(at, (connection) => addPartitionsToTxnV3.api.async(connection, [transaction]));
    },
    addOffsets: async (at, { transactionalId, producerId, producerEpoch }, groupId) => {
      await ask(at, (connection) => addOffsetsToTxnV3.api.async(connection, transactionalId, producerId, producerEpoch, groupId));
    },
    commitTransactionOffsets: async (at, { transactionalId, producerId, producerEpoch }, { groupId, offsets }) => {
      const topics = [...groupByTopic(offsets)].map(([name, own]) => ({ name, partitions: own.map(committed) }));
      // No generation: the fence is the transactional id, one for each input partition.
      await ask(at, (connection) =>
        txnOffsetCommitV3.api.async(connection, transactionalId, groupId, producerId, producerEpoch, -1, '', null, topics),
      );
    },
    endTransaction: async (at, { transactionalId, producerId, producerEpoch }, commit) => {
      await ask(at, (connection) => endTxnV3.api.async(connection, transactionalId, producerId, producerEpoch, commit));
    },
  };
}

function openTransactions(ask: Ask): Pick<Driver, 'transactionState' | 'openTransactions'> {
  return {
    transactionState: async (at, transactionalId) => {
      const asked = ask(at, (connection) => withPartialErrors(describeTransactionsV0.api.async(connection, [transactionalId])));
      const [state] = (await asked).transactionStates;
      return stateOf(state?.errorCode ?? kafkaCode.transactionalIdNotFound, state?.transactionState ?? '');
    },
    openTransactions: async (at, partitions) => {
      const topics = [...groupByTopic(partitions)].map(([name, own]) => ({
        name,
        partitionIndexes: own.map(({ partition }) => partition),
      }));
      const answer = await ask(at, (connection) => withPartialErrors(describeProducersV0.api.async(connection, topics)));
      return answer.topics.flatMap(({ name, partitions: told }) =>
        told.flatMap(({ partitionIndex, activeProducers }) =>
          activeProducers
            .filter(({ currentTxnStartOffset }) => currentTxnStartOffset >= 0n)
            .map(({ producerId }) => ({ topic: name, partition: partitionIndex, producerId })),
        ),
      );
    },
  };
}

const committed = ({ partition, offset }: { partition: number; offset: number }) => ({
  partitionIndex: partition,
  committedOffset: BigInt(offset),
  committedLeaderEpoch: -1,
  committedMetadata: null,
});

function records(ask: Ask): Pick<Driver, 'produce' | 'fetch' | 'listOffsets'> {
  return {
    produce: async (at, { transactionalId, producer, compression, timeoutMs, batches }) => {
      const sequences = new NumericMap();
      const messages: MessageRecord[] = [];
      const nowMs = BigInt(Date.now());
      for (const { topic, partition, firstSequence, records } of batches) {
        sequences.set(`${topic}:${partition}`, firstSequence);
        for (const record of records) messages.push(messageOf(record, { topic, partition }, nowMs));
      }
      const request = { ...producer, transactionalId, compression, sequences };
      await ask(at, (connection) => produceV9.api.async(connection, -1, timeoutMs, messages, request));
    },
    fetch: async (at, { partitions, waitMs, bytesMax, partitionBytesMax }) => {
      const topics = [...groupByTopic(partitions)].map(([topicId, own]) => ({
        topicId, // until version 13 this field carries the name
        partitions: own.map(({ partition, offset }) => ({
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: BigInt(offset),
          lastFetchedEpoch: -1,
          partitionMaxBytes: partitionBytesMax,
        })),
      }));
      const answer = await ask(at, (connection) =>
        withPartialErrors(fetchV12.api.async(connection, waitMs, 1, bytesMax, readCommitted, 0, -1, topics, [], '')),
      );
      return answer.responses.flatMap(({ topicId, partitions }) => partitions.map((own) => fetchedOf(topicId, own)));
    },
    listOffsets: async (at, { which, partitions }) => {
      const timestamp = which === 'earliest' ? earliestTimestamp : latestTimestamp;
      const topics = [...groupByTopic(partitions)].map(([name, own]) => ({
        name,
        partitions: own.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp })),
      }));
      const answer = await ask(at, (connection) => listOffsetsV6.api.async(connection, -1, readCommitted, topics));
      return answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => ({ topic: name, partition: partitionIndex, offset: Number(offset) })),
      );
    },
  };
}

function groups(
  ask: Ask,
): Pick<Driver, 'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup' | 'commitOffsets' | 'fetchOffsets'> {
  return {
    joinGroup: async (at, { groupId, memberId, protocol, metadata, sessionTimeoutMs, rebalanceTimeoutMs }) => {
      const protocols = [{ name: protocol, metadata }];
      const joined = await ask(at, (connection) =>
        joinGroupV7.api.async(
          connection,
          groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          memberId,
          null,
          consumerProtocolType,
          protocols,
        ),
      );
      return { generationId: joined.generationId, memberId: joined.memberId, leaderId: joined.leader, members: joined.members };
    },
    syncGroup: async (at, { groupId, generationId, memberId, protocol, assignments }) => {
      const synced = await ask(at, (connection) =>
        syncGroupV5.api.async(connection, groupId, generationId, memberId, null, consumerProtocolType, protocol, [
          ...assignments,
        ]),
      );
      return synced.assignment;
    },
    heartbeat: async (at, { groupId, generationId, memberId }) => {
      await ask(at, (connection) => heartbeatV4.api.async(connection, groupId, generationId, memberId));
    },
    leaveGroup: async (at, { groupId, memberId }) => {
      await ask(at, (connection) => leaveGroupV4.api.async(connection, groupId, [{ memberId }]));
    },
    commitOffsets: async (at, { groupId, generationId, memberId }, offsets) => {
      const topics = [...groupByTopic(offsets)].map(([name, own]) => ({ name, partitions: own.map(committed) }));
      await ask(at, (connection) => offsetCommitV8.api.async(connection, groupId, generationId, memberId, null, topics));
    },
    fetchOffsets: async (at, groupId, partitions) => {
      const topics = [...groupByTopic(partitions)].map(([name, own]) => ({
        name,
        partitionIndexes: own.map(({ partition }) => partition),
      }));
      const answer = await ask(at, (connection) => offsetFetchV7.api.async(connection, [{ groupId, topics }], true));
      const found = answer.groups[0]?.topics ?? answer.topics;
      return found.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset }) => ({
            topic: name,
            partition: partitionIndex,
            offset: Number(committedOffset),
          })),
      );
    },
  };
}

function cluster(ask: Ask): Pick<Driver, 'metadata' | 'findCoordinator' | 'createTopic' | 'deleteTopics' | 'topicSettings'> {
  return {
    metadata: async (at, topics) => {
      const answer = await ask(at, (connection) =>
        withPartialErrors(metadataV9.api.async(connection, [...topics], false, false, false)),
      );
      const known = answer.topics.filter(({ errorCode }) => errorCode !== kafkaCode.unknownTopicOrPartition);
      const layout = known.map(
        ({ name, partitions }) =>
          [name, partitions.map(({ partitionIndex, leaderId }) => ({ partition: partitionIndex, leaderId }))] as const,
      );
      return { nodes: answer.brokers, controllerId: answer.controllerId, topics: new Map(layout) };
    },
    findCoordinator: async (at, kind, key) => {
      const answer = await ask(at, (connection) => findCoordinatorV3.api.async(connection, kind === 'group' ? 0 : 1, [key]));
      const coordinator = answer.coordinators[0];
      if (coordinator === undefined) throw new KafkaError(kafkaCode.coordinatorNotAvailable, `${kind} ${key} has no coordinator`);
      return coordinator;
    },
    createTopic: async (at, { topic, partitions, replicationFactor, settings }) => {
      const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
      const request = { name: topic, numPartitions: partitions, replicationFactor, assignments: [], configs };
      await ask(at, (connection) => createTopicsV7.api.async(connection, [request], 15_000, false));
    },
    deleteTopics: async (at, topics) => {
      const request = topics.map((name) => ({ name, topicId: null }));
      await ask(at, (connection) => deleteTopicsV6.api.async(connection, request, 15_000));
    },
    topicSettings: async (at, topic, names) => {
      const resource = { resourceType: topicResource, resourceName: topic, configurationKeys: [...names] };
      const answer = await ask(at, (connection) => describeConfigsV4.api.async(connection, [resource], false, false));
      return new Map(answer.results.flatMap(({ configs }) => configs.map(({ name, value }) => [name, value ?? ''] as const)));
    },
  };
}

/** The client throws a whole response away when one partition of it failed; each partition carries its own code. */
async function withPartialErrors<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (thrown) {
    const answer = (thrown as { response?: Answer & { errorCode?: number } }).response;
    if (answer === undefined || (answer.errorCode ?? 0) !== 0) throw thrown;
    return answer;
  }
}

const unanswered = new Set(['PLT_KFK_NETWORK', 'PLT_KFK_MULTIPLE', 'PLT_KFK_TIMEOUT', 'PLT_KFK_UNEXPECTED_CORRELATION_ID']);

function kafkaErrorOf(thrown: unknown): unknown {
  if (thrown instanceof KafkaError || !(thrown instanceof Error)) return thrown;
  const told = MultipleErrors.isMultipleErrors(thrown as MultipleErrors) ? (thrown as MultipleErrors).errors[0] : thrown;
  const { apiCode, serverErrorMessage, memberId } = told as { apiCode?: number; serverErrorMessage?: string; memberId?: string };
  const message = serverErrorMessage ?? (told as Error).message;
  if (apiCode !== undefined) return new KafkaError(apiCode, message, { ...(memberId ? { memberId } : {}), cause: thrown });
  if (!GenericError.isGenericError(thrown as GenericError)) return thrown;
  const codes = [thrown, thrown.cause].map((each) => (each as { code?: string } | undefined)?.code ?? '');
  if (codes.includes('PLT_KFK_AUTHENTICATION')) return new KafkaError(kafkaCode.authenticationFailed, message, { cause: thrown });
  return codes.some((code) => unanswered.has(code)) ? new KafkaError(kafkaCode.noAnswer, message, { cause: thrown }) : thrown;
}
