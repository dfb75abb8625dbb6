import { defineProblem, type Facts, type Problem } from '@penstock/kernel';
import { fenced } from '@penstock/pipeline';
import { KafkaError, kafkaCode } from './kafka-error.ts';

/** No broker answers, or the one that leads does not. */
export const unreachable = defineProblem({ code: 'kafka.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** The broker is there and asks to wait: it is loading, rebalancing, throttling, or finishing a transaction. */
export const busy = defineProblem({ code: 'kafka.busy', status: 'UNAVAILABLE', remedy: 'retry' });
/** Credentials are wrong or lack a right. An outage, not a fault of any record: it is waited for. */
export const unauthorised = defineProblem({ code: 'kafka.unauthorised', status: 'PERMISSION_DENIED', remedy: 'retry' });
/** The topic is not there, or not yet known to every broker. */
export const unknownTopic = defineProblem({ code: 'kafka.unknown-topic', status: 'NOT_FOUND', remedy: 'retry' });
/** A record that no batch of its topic can take. */
export const tooLarge = defineProblem({ code: 'kafka.record-too-large', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The broker does not take the record: its time, or its form. */
export const refusedRecord = defineProblem({ code: 'kafka.record-refused', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The topic's limit fell after the claim had read it: a new claim reads it again and finds the record that is too large. */
export const limitChanged = defineProblem({ code: 'kafka.limit-changed', status: 'ABORTED', remedy: 'retry' });
/** The broker forgot a producer's sequence, or the sequence is spent; a new claim starts a new one. */
export const sequenceLost = defineProblem({ code: 'kafka.sequence-lost', status: 'ABORTED', remedy: 'retry' });
/** Retention deleted records before they were read: skipping them is a choice for a person. */
export const deletedUnread = defineProblem({ code: 'kafka.deleted-unread', status: 'DATA_LOSS', remedy: 'stop' });
/** The topic stands with another number of partitions than declared; order depends on it. */
export const differentPartitions = defineProblem({
  code: 'kafka.different-partitions',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** Members of another client are in the consumer group. */
export const differentGroupProtocol = defineProblem({
  code: 'kafka.different-group-protocol',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** A name that Kafka does not take. */
export const invalidTopic = defineProblem({ code: 'kafka.invalid-topic', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** A stage sent an output to a route that it does not declare. */
export const undeclaredRoute = defineProblem({ code: 'kafka.undeclared-route', status: 'INTERNAL', remedy: 'stop' });
/** Two input topics of a stage would share one changelog. */
export const sharedChangelog = defineProblem({ code: 'kafka.shared-changelog', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The topic for dead letters takes less than the topic that was read: raise its limit. */
export const deadLetterTooLarge = defineProblem({
  code: 'kafka.dead-letter-too-large',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** This side let go of the lane while something was on its way. */
export const closed = defineProblem({ code: 'kafka.closed', status: 'ABORTED', remedy: 'retry' });
/** Something that the broker answered and nobody expected. */
export const unexpected = defineProblem({ code: 'kafka.unexpected', status: 'INTERNAL', remedy: 'retry' });

export function tooLargeFor(topic: string, bytes: number, limitBytes: number): Problem {
  return tooLarge(`record of ${bytes} bytes: topic ${topic} takes ${limitBytes}`, { facts: { topic, bytes, limitBytes } });
}

type Make = (message: string, more?: { facts?: Facts; cause?: unknown }) => Problem;

const kinds = new Map<number, Make>([
  [kafkaCode.noAnswer, unreachable],
  [kafkaCode.requestTimedOut, unreachable],
  [kafkaCode.leaderNotAvailable, unreachable],
  [kafkaCode.notLeader, unreachable],
  [kafkaCode.coordinatorLoading, busy],
  [kafkaCode.coordinatorNotAvailable, unreachable],
  [kafkaCode.notCoordinator, unreachable],
  [kafkaCode.notController, unreachable],
  [kafkaCode.notEnoughReplicas, unreachable],
  [kafkaCode.notEnoughReplicasAfterAppend, unreachable],
  [kafkaCode.storageError, unreachable],
  [kafkaCode.concurrentTransactions, busy],
  [kafkaCode.unstableOffsetCommit, busy],
  [kafkaCode.throttlingQuotaExceeded, busy],
  [kafkaCode.rebalanceInProgress, busy],
  [kafkaCode.illegalGeneration, busy],
  [kafkaCode.unknownMember, busy],
  [kafkaCode.topicUnauthorised, unauthorised],
  [kafkaCode.groupUnauthorised, unauthorised],
  [kafkaCode.clusterUnauthorised, unauthorised],
  [kafkaCode.transactionalIdUnauthorised, unauthorised],
  [kafkaCode.authenticationFailed, unauthorised],
  [kafkaCode.unknownTopicOrPartition, unknownTopic],
  [kafkaCode.invalidTopic, invalidTopic],
  [kafkaCode.recordTooLarge, limitChanged],
  [kafkaCode.recordListTooLarge, limitChanged],
  [kafkaCode.invalidTimestamp, refusedRecord],
  [kafkaCode.invalidRecord, refusedRecord],
  [kafkaCode.invalidProducerEpoch, fenced],
  [kafkaCode.producerFenced, fenced],
  [kafkaCode.transactionCoordinatorFenced, fenced],
  [kafkaCode.invalidProducerIdMapping, fenced],
  [kafkaCode.invalidTransactionState, fenced],
  [kafkaCode.outOfOrderSequence, sequenceLost],
  [kafkaCode.unknownProducerId, sequenceLost],
  [kafkaCode.inconsistentGroupProtocol, differentGroupProtocol],
]);

/** Says in the words of the house what a broker answered; anything that is no KafkaError is passed through as it is. */
export function problemOf(thrown: unknown, doing: string): unknown {
  if (!(thrown instanceof KafkaError)) return thrown;
  const make = kinds.get(thrown.code) ?? unexpected;
  return make(`kafka › ${doing}: ${thrown.message}`, { facts: { kafkaCode: thrown.code }, cause: thrown });
}
