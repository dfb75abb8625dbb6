/**
 * The one narrow port through which Penstock speaks to Kafka. A driver sends one request to one broker and answers with plain
 * values; it never retries, batches, routes, partitions or numbers anything. All of that lies above it, once for all drivers.
 * Every failure is thrown as a KafkaError. Kafka 3.0 and later.
 */
export interface Driver extends AsyncDisposable {
  /** Ends the connections of a channel; what still waits on them fails with `noAnswer`. */
  release(channel: Channel): Promise<void>;

  metadata(at: Address, topics: readonly string[]): Promise<ClusterFacts>;
  findCoordinator(at: Address, kind: CoordinatorKind, key: string): Promise<NodeAddress>;

  /** Fences every earlier producer with the same transactional id and ends its open transaction (KIP-98). */
  initProducer(at: Address, request: { transactionalId: string | null; transactionTimeoutMs: number }): Promise<ProducerIdentity>;
  /** acks=all. Resolves when every batch is stored, else throws: what was stored is unknown, and the same request may be sent again. */
  produce(at: Address, request: ProduceRequest): Promise<void>;
  addPartitions(at: Address, transaction: Transaction, partitions: readonly TopicPartition[]): Promise<void>;
  addOffsets(at: Address, transaction: Transaction, groupId: string): Promise<void>;
  commitTransactionOffsets(at: Address, transaction: Transaction, commit: GroupOffsets): Promise<void>;
  endTransaction(at: Address, transaction: Transaction, commit: boolean): Promise<void>;
  /** What the coordinator holds of the latest transaction of an id, in Kafka's words; null where it knows none. */
  transactionState(at: Address, transactionalId: string): Promise<string | null>;
  /** Who has a transaction open on partitions that the broker leads; of those that it tells nothing about, nothing. */
  openTransactions(at: Address, partitions: readonly TopicPartition[]): Promise<readonly OpenTransaction[]>;

  fetch(at: Address, request: FetchRequest): Promise<readonly FetchedPartition[]>;
  listOffsets(at: Address, request: ListOffsetsRequest): Promise<readonly PartitionOffset[]>;

  joinGroup(at: Address, request: JoinRequest): Promise<Joined>;
  syncGroup(at: Address, request: SyncRequest): Promise<Buffer>;
  heartbeat(at: Address, member: Member): Promise<void>;
  leaveGroup(at: Address, member: Member): Promise<void>;
  commitOffsets(at: Address, member: Member, offsets: readonly PartitionOffset[]): Promise<void>;
  /** Partitions for which nothing is committed are left out. */
  fetchOffsets(at: Address, groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;

  createTopic(at: Address, topic: NewTopic): Promise<void>;
  deleteTopics(at: Address, topics: readonly string[]): Promise<void>;
  topicSettings(at: Address, topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * Requests on one connection are answered in order: what waits for long has a channel of its own, as each read of a lane and each
 * member of a group has.
 */
export type Channel = 'ask' | 'send' | `group:${string}` | `read:${string}`;

export interface NodeAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly channel: Channel;
}

export type CoordinatorKind = 'group' | 'transaction';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

export interface ClusterFacts {
  readonly nodes: readonly NodeAddress[];
  readonly controllerId: number;
  /** Topics that do not exist are left out. A leader of -1 means that there is none now. */
  readonly topics: ReadonlyMap<string, readonly { readonly partition: number; readonly leaderId: number }[]>;
}

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface Transaction extends ProducerIdentity {
  readonly transactionalId: string;
}

export interface OpenTransaction extends TopicPartition {
  readonly producerId: bigint;
}

/** A header as Kafka stores it: names are bytes too, names repeat, order is kept. */
export type WireHeader = readonly [name: Uint8Array, value: Uint8Array | null];

export interface OutgoingRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly WireHeader[];
  /** Absent: now. */
  readonly timestampMs?: number;
}

/** Becomes one record batch under one sequence number. */
export interface OutgoingBatch extends TopicPartition {
  readonly firstSequence: number;
  readonly records: readonly OutgoingRecord[];
}

export type Compression = 'none' | 'gzip' | 'zstd';

export interface ProduceRequest {
  readonly transactionalId: string | null;
  readonly producer: ProducerIdentity;
  readonly compression: Compression;
  readonly timeoutMs: number;
  /** At most one for each partition. */
  readonly batches: readonly OutgoingBatch[];
}

export interface FetchRequest {
  readonly partitions: readonly PartitionOffset[];
  /** The broker answers earlier as soon as there is anything. */
  readonly waitMs: number;
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
}

export interface FetchedRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly WireHeader[];
}

/** A record batch as stored: control batches and aborted transactions are still in it. */
export interface FetchedBatch {
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly records: readonly FetchedRecord[];
}

/** What a read_committed fetch of one partition brought. */
export interface FetchedPartition extends TopicPartition {
  /** Zero, or Kafka's error code for this partition alone. */
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: number }[];
  readonly batches: readonly FetchedBatch[];
}

export interface ListOffsetsRequest {
  /** `latest` is the last stable offset: where read_committed ends. */
  readonly which: 'earliest' | 'latest';
  readonly partitions: readonly TopicPartition[];
}

export interface GroupOffsets {
  readonly groupId: string;
  readonly offsets: readonly PartitionOffset[];
}

export interface Member {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
}

export interface JoinRequest {
  readonly groupId: string;
  /** Empty at first; a coordinator that demands an id says it in a KafkaError with `memberId`. */
  readonly memberId: string;
  readonly protocol: string;
  readonly metadata: Buffer;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface Joined {
  readonly generationId: number;
  readonly memberId: string;
  readonly leaderId: string;
  /** Filled for the leader only. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[];
}

export interface SyncRequest extends Member {
  readonly protocol: string;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** What every driver is opened with. */
export interface DriverOptions {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly tls: TlsOptions | null;
  readonly sasl: SaslOptions | null;
}

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface SaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}
