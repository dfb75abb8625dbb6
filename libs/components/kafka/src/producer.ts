import { type Hanging, hangingOf, type Places, wasCommitted } from './hanging.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode, passes } from './kafka-error.ts';
import { type Persistence, untilKnown } from './persistence.ts';
import type {
  Address,
  GroupOffsets,
  OutgoingBatch,
  OutgoingRecord,
  ProducerIdentity,
  TopicPartition,
  Transaction,
} from './port.ts';
import { batchesOf } from './record-batches.ts';

/** A record and where it goes. */
export interface PlacedRecord extends OutgoingRecord, TopicPartition {}

export interface ProducerOptions {
  /** Null: idempotent, without transactions. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** No record batch is larger than what its topic takes. */
  batchBytesMax(topic: string): number;
  readonly signal: AbortSignal;
}

/** The steps of a transaction are tried for this long; a transaction that is stuck is left to the fence of the next claim. */
const transactionStepMsMax = 30_000;
const sequenceCount = 2 ** 31;

/**
 * Numbers what it sends, so that the broker stores each batch once, however often it has to be sent (KIP-98). One call at a time.
 * A producer that threw is spent: the next claim starts a new one.
 */
export class Producer {
  readonly #kafka: Kafka;
  readonly #options: ProducerOptions;
  readonly #sequences = new Map<string, number>();
  readonly #joined = new Set<string>();
  #identity: ProducerIdentity | null = null;
  #open = false;

  constructor(kafka: Kafka, options: ProducerOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  /** Fences every earlier producer of the same transactional id and waits until its open transaction is ended, also where that hangs. */
  async claim(places: Places): Promise<void> {
    for (;;) {
      const state = await this.#step(async () =>
        this.#kafka.driver.transactionState(await this.#coordinator(), this.#options.transactionalId as string),
      );
      await this.initialise();
      const hanging = await this.#step(() => hangingOf(this.#kafka, this.#transaction().producerId, places));
      if (hanging === null) return;
      await this.#endAgain(hanging, places.groupId, wasCommitted(state)); // its markers are written before the next fence is answered
    }
  }

  /** A marker of the same producer ends whatever it has open on a partition. */
  async #endAgain({ partitions, offsets }: Hanging, groupId: string, commit: boolean): Promise<void> {
    const { driver } = this.#kafka;
    const transaction = this.#transaction();
    this.#open = true;
    if (partitions.length > 0)
      await this.#step(async () => driver.addPartitions(await this.#coordinator(), transaction, partitions));
    if (offsets) await this.#step(async () => driver.addOffsets(await this.#coordinator(), transaction, groupId));
    await this.end(commit);
  }

  /** Fences every earlier producer of the same transactional id and waits until its open transaction is ended. */
  async initialise(): Promise<void> {
    const { transactionalId, transactionTimeoutMs } = this.#options;
    const request = { transactionalId, transactionTimeoutMs };
    const ask = (at: Address): Promise<ProducerIdentity> => this.#kafka.driver.initProducer(at, request);
    this.#identity = await this.#step(async () =>
      transactionalId === null ? this.#kafka.cluster.atAny(ask) : ask(await this.#coordinator()),
    );
  }

  /** Resolves when all records are stored, in the order given for each partition. In a transaction they are open until it ends. */
  async send(records: readonly PlacedRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#joinPartitions(records);
    for (const batches of batchesOf(records, this.#options.batchBytesMax)) await this.#produce(batches);
  }

  async commitOffsets(commit: GroupOffsets): Promise<void> {
    const { driver, cluster } = this.#kafka;
    const transaction = this.#transaction();
    this.#open = true;
    await this.#step(async () => driver.addOffsets(await this.#coordinator(), transaction, commit.groupId));
    await this.#step(async () =>
      driver.commitTransactionOffsets(await cluster.coordinator('group', commit.groupId, 'send'), transaction, commit),
    );
  }

  /** Ends the open transaction, if there is one. */
  async end(commit: boolean): Promise<void> {
    if (!this.#open) return;
    await this.#step(async () => this.#kafka.driver.endTransaction(await this.#coordinator(), this.#transaction(), commit));
    this.#open = false;
    this.#joined.clear();
  }

  /** Tries once to abort what is open, for those who read committed records only; else the next claim's fence does. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    try {
      await this.#kafka.driver.endTransaction(await this.#coordinator(), this.#transaction(), false);
    } catch (thrown) {
      if (!(thrown instanceof KafkaError)) throw thrown;
    }
  }

  async #joinPartitions(records: readonly PlacedRecord[]): Promise<void> {
    if (this.#options.transactionalId === null) return;
    const added = new Map<string, TopicPartition>();
    for (const { topic, partition } of records) {
      const name = `${topic}/${partition}`;
      if (!this.#joined.has(name)) added.set(name, { topic, partition });
    }
    this.#open = true;
    if (added.size === 0) return;
    await this.#step(async () =>
      this.#kafka.driver.addPartitions(await this.#coordinator(), this.#transaction(), [...added.values()]),
    );
    for (const name of added.keys()) this.#joined.add(name);
  }

  /** One round: at most one batch for each partition, under the next sequence of each, until all are known to be stored. */
  async #produce(batches: readonly Omit<OutgoingBatch, 'firstSequence'>[]): Promise<void> {
    let missing = batches.map((batch): OutgoingBatch => ({ ...batch, firstSequence: this.#sequences.get(nameOf(batch)) ?? 0 }));
    const withinMs = this.#options.transactionalId === null ? null : transactionStepMsMax;
    await untilKnown(this.#persistence(withinMs), async () => {
      missing = await this.#attempt(missing);
    });
    for (const batch of batches) {
      const next = (this.#sequences.get(nameOf(batch)) ?? 0) + batch.records.length;
      this.#sequences.set(nameOf(batch), next % sequenceCount);
    }
  }

  /** Sends each leader its share; throws when any share is not known to be stored, and leaves what is in `missing` for the next attempt. */
  async #attempt(batches: OutgoingBatch[]): Promise<OutgoingBatch[]> {
    const shares = await this.#kafka.cluster.byLeader(batches, 'send');
    const outcomes = await Promise.allSettled(shares.map(({ at, own }) => this.#sendShare(at, own)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    outcomes.forEach((outcome, index) => {
      if (outcome.status === 'fulfilled') for (const batch of shares[index]?.own ?? []) batches.splice(batches.indexOf(batch), 1);
    });
    if (failures.length > 0) throw failures.find((failure) => !passes(failure)) ?? failures[0];
    return batches;
  }

  async #sendShare(at: Address, batches: readonly OutgoingBatch[]): Promise<void> {
    const { driver, cluster, config } = this.#kafka;
    const { transactionalId } = this.#options;
    const request = {
      transactionalId,
      producer: this.#transaction(),
      compression: config.compression,
      timeoutMs: config.requestTimeoutMs,
      batches,
    };
    try {
      await cluster.following(() => driver.produce(at, request));
    } catch (thrown) {
      if (!KafkaError.is(thrown, kafkaCode.duplicateSequence)) throw thrown; // stored by an attempt whose answer was lost
    }
  }

  #coordinator(): Promise<Address> {
    return this.#kafka.cluster.coordinator('transaction', this.#options.transactionalId as string, 'send');
  }

  #transaction(): Transaction {
    if (this.#identity === null) throw new TypeError('a producer is initialised before it is used');
    return { ...this.#identity, transactionalId: this.#options.transactionalId as string };
  }

  #step<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    return untilKnown(this.#persistence(transactionStepMsMax), () => this.#kafka.cluster.following(request));
  }

  #persistence(withinMs: number | null): Persistence {
    return { clock: this.#kafka.clock, signal: this.#options.signal, withinMs };
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
