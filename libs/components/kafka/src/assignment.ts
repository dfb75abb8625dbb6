import { Bell } from '@penstock/kernel';
import type { Assignment, Batch, Lane } from '@penstock/pipeline';
import type { Kafka } from './kafka.ts';
import { KafkaBatch } from './kafka-batch.ts';
import { laneOf } from './lane.ts';
import type { KafkaSourceLimits } from './limits.ts';
import { committedOffset, endOf, type Fetched, fetchFrom } from './partition-reader.ts';
import type { Channel, TopicPartition } from './port.ts';

export interface KafkaAssignmentOptions extends TopicPartition {
  readonly groupId: string;
  readonly limits: KafkaSourceLimits;
  settled(to: number): void;
}

let iterations = 0;

/** One partition for as long as it is ours. Nothing is fetched before `batches` says from where. */
export class KafkaAssignment implements Assignment {
  readonly lane: Lane;
  readonly #kafka: Kafka;
  readonly #options: KafkaAssignmentOptions;
  readonly #revocation = new AbortController();
  #reading: Reading | null = null;

  constructor(kafka: Kafka, options: KafkaAssignmentOptions) {
    this.#kafka = kafka;
    this.#options = options;
    this.lane = laneOf(options);
  }

  get revoked(): AbortSignal {
    return this.#revocation.signal;
  }

  revoke(): void {
    this.#revocation.abort();
    this.#reading?.stop();
  }

  /** Each iteration has a connection and a buffer of its own, so that nothing fetched for an earlier one can slip into it. */
  async *batches(from: number | null): AsyncIterable<Batch> {
    this.#reading?.stop();
    if (this.revoked.aborted) return;
    const reading = new Reading(this.#kafka, this.#options);
    this.#reading = reading;
    try {
      reading.start(from ?? (await this.#ownLedger()));
      for (let batch = await reading.next(); batch !== null; batch = await reading.next()) yield batch;
    } finally {
      reading.stop();
    }
  }

  async #ownLedger(): Promise<number> {
    return (
      (await committedOffset(this.#kafka, this.#options.groupId, this.#options)) ?? endOf(this.#kafka, this.#options, 'earliest')
    );
  }

  settle(to: number): void {
    if (!this.revoked.aborted) this.#options.settled(to);
  }

  caughtUpAtMs(): number | null {
    return this.#reading?.caughtUpAtMs ?? null;
  }
}

/** Reads ahead of its consumer, boundedly: a full buffer pauses this partition and no other. */
class Reading {
  readonly #kafka: Kafka;
  readonly #options: KafkaAssignmentOptions;
  readonly #lane: Lane;
  readonly #channel: Channel;
  readonly #arrival = new Bell();
  readonly #room = new Bell();
  readonly #buffer: Batch[] = [];
  #bufferedBytes = 0;
  #failure: { readonly thrown: unknown } | null = null;
  #stopped = false;
  #provenAtMs: number | null = null;

  constructor(kafka: Kafka, options: KafkaAssignmentOptions) {
    iterations += 1;
    this.#kafka = kafka;
    this.#options = options;
    this.#lane = laneOf(options);
    this.#channel = `read:${this.#lane} ${iterations}`;
  }

  get caughtUpAtMs(): number | null {
    return this.#buffer.length === 0 ? this.#provenAtMs : null;
  }

  start(from: number): void {
    void this.#readAhead(from);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#arrival.ring();
    this.#room.ring();
    void this.#kafka.driver.release(this.#channel);
  }

  /** Null when the reading was stopped. */
  async next(): Promise<Batch | null> {
    for (;;) {
      if (this.#stopped) return null;
      const batch = this.#buffer.shift();
      if (batch !== undefined) {
        this.#bufferedBytes -= batch.bytes;
        this.#room.ring();
        return batch;
      }
      if (this.#failure !== null) throw this.#failure.thrown;
      await this.#arrival.wait();
    }
  }

  async #readAhead(from: number): Promise<void> {
    const { limits } = this.#options;
    let offset = from;
    try {
      while (!this.#stopped) {
        if (this.#bufferedBytes >= limits.aheadBytesMax || this.#buffer.length >= limits.aheadBatchesMax) await this.#room.wait();
        else offset = await this.#fetch(offset);
      }
    } catch (thrown) {
      this.#failure = { thrown };
      this.#provenAtMs = null;
      this.#arrival.ring();
    }
  }

  async #fetch(offset: number): Promise<number> {
    const { fetchWaitMs, fetchBytesMax } = this.#options.limits;
    const fetched = await fetchFrom(
      this.#kafka,
      { ...this.#options, offset },
      { waitMs: fetchWaitMs, bytesMax: fetchBytesMax, channel: this.#channel },
    );
    if (this.#stopped) return offset;
    this.#provenAtMs = fetched.reachedEnd ? this.#kafka.clock.nowMs() : null;
    this.#keep(fetched);
    return fetched.nextOffset;
  }

  #keep({ records, nextOffset }: Fetched): void {
    const { batchRowsMax } = this.#options.limits;
    for (let at = 0; at < records.length; at += batchRowsMax) {
      const rows = records.slice(at, at + batchRowsMax);
      const to = at + batchRowsMax >= records.length ? nextOffset : (rows.at(-1) as { offset: number }).offset + 1;
      const batch = new KafkaBatch(this.#lane, rows, to);
      this.#buffer.push(batch);
      this.#bufferedBytes += batch.bytes;
    }
    if (records.length > 0) this.#arrival.ring();
  }
}
