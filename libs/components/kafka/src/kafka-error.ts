/** Kafka's error codes that this component tells apart (https://kafka.apache.org/protocol#protocol_error_codes). */
export const kafkaCode = {
  noAnswer: -2, // ours: the connection broke or the time ran out, so the outcome is unknown
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  recordTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  unknownMember: 25,
  rebalanceInProgress: 27,
  topicUnauthorised: 29,
  groupUnauthorised: 30,
  clusterUnauthorised: 31,
  invalidTimestamp: 32,
  topicExists: 36,
  notController: 41,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  transactionCoordinatorFenced: 52,
  transactionalIdUnauthorised: 53,
  storageError: 56,
  authenticationFailed: 58,
  unknownProducerId: 59,
  memberIdRequired: 79,
  invalidRecord: 87,
  unstableOffsetCommit: 88,
  throttlingQuotaExceeded: 89,
  producerFenced: 90,
  transactionalIdNotFound: 105,
} as const;

const names = new Map<number, string>(Object.entries(kafkaCode).map(([name, code]) => [code, name]));

/** What a broker answered, or that it did not. */
export class KafkaError extends Error {
  readonly code: number;
  /** Told along with `memberIdRequired`. */
  readonly memberId: string | null;

  constructor(code: number, message: string, more: { memberId?: string; cause?: unknown } = {}) {
    super(`${names.get(code) ?? 'kafka error'} (${code}): ${message}`, { cause: more.cause });
    this.name = 'KafkaError';
    this.code = code;
    this.memberId = more.memberId ?? null;
  }

  static is(thrown: unknown, ...codes: readonly number[]): thrown is KafkaError {
    return thrown instanceof KafkaError && codes.includes(thrown.code);
  }
}

const passing = new Set<number>([
  kafkaCode.noAnswer,
  kafkaCode.unknownServerError,
  kafkaCode.unknownTopicOrPartition, // of a topic that was declared: a broker that is still catching up
  kafkaCode.leaderNotAvailable,
  kafkaCode.notLeader,
  kafkaCode.requestTimedOut,
  kafkaCode.coordinatorLoading,
  kafkaCode.coordinatorNotAvailable,
  kafkaCode.notCoordinator,
  kafkaCode.notEnoughReplicas,
  kafkaCode.notEnoughReplicasAfterAppend,
  kafkaCode.notController,
  kafkaCode.concurrentTransactions,
  kafkaCode.storageError,
  kafkaCode.unstableOffsetCommit,
  kafkaCode.throttlingQuotaExceeded,
]);

/** True when the same request, sent again unchanged, can still succeed. */
export function passes(thrown: unknown): boolean {
  return thrown instanceof KafkaError && passing.has(thrown.code);
}
