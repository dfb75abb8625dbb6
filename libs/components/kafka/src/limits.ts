export interface KafkaSourceLimits {
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** How long a broker holds a fetch while there is nothing; also how often being caught up is proven. */
  readonly fetchWaitMs: number;
  readonly fetchBytesMax: number;
  /** Read ahead of what was handed out, for each lane. At least one fetch. */
  readonly aheadBytesMax: number;
  readonly aheadBatchesMax: number;
  readonly batchRowsMax: number;
  readonly commitMs: number;
}

export const kafkaSourceLimits: KafkaSourceLimits = {
  sessionTimeoutMs: 10_000,
  heartbeatMs: 1_000,
  fetchWaitMs: 500,
  fetchBytesMax: 1_048_576,
  aheadBytesMax: 2_097_152,
  aheadBatchesMax: 16,
  batchRowsMax: 5_000,
  commitMs: 1_000,
};

export interface KafkaSinkLimits {
  /** A transaction ends after this time, this many deliveries or this many bytes, whichever comes first. */
  readonly transactionMs: number;
  readonly transactionDeliveriesMax: number;
  readonly transactionBytesMax: number;
  /** The broker aborts what its owner has left open for so long. */
  readonly transactionTimeoutMs: number;
}

export const kafkaSinkLimits: KafkaSinkLimits = {
  transactionMs: 100,
  transactionDeliveriesMax: 16,
  transactionBytesMax: 8_388_608,
  transactionTimeoutMs: 30_000,
};

export interface LingerLimits {
  /** A lone record waits this long for company. */
  readonly lingerMs: number;
  /** A request is sent at once when it holds this much. */
  readonly requestBytesMax: number;
}

export const lingerLimits: LingerLimits = { lingerMs: 5, requestBytesMax: 1_048_576 };
