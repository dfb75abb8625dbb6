import { Bell } from '@penstock/kernel';
import type { Assignment, Lane, Source } from '@penstock/pipeline';
import { KafkaAssignment } from './assignment.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError } from './kafka-error.ts';
import { laneOf } from './lane.ts';
import { type KafkaSourceLimits, kafkaSourceLimits } from './limits.ts';
import { Membership } from './membership.ts';
import type { PartitionOffset, TopicPartition } from './port.ts';

export interface KafkaSourceOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Who commits the group's offsets: a sink that stores them with what it writes, or this source when it is told what is settled. */
  readonly commits: 'source' | 'sink';
  readonly limits?: Partial<KafkaSourceLimits>;
}

/** The partitions of topics, shared with the other members of a consumer group. */
export function openKafkaSource(kafka: Kafka, options: KafkaSourceOptions): Source {
  return new KafkaSource(kafka, options);
}

class KafkaSource implements Source {
  readonly #kafka: Kafka;
  readonly #options: KafkaSourceOptions;
  readonly #limits: KafkaSourceLimits;
  readonly #bell = new Bell();
  readonly #held = new Map<Lane, KafkaAssignment>();
  readonly #fresh: KafkaAssignment[] = [];
  readonly #settled = new Map<Lane, PartitionOffset>();
  readonly #closing = new AbortController();
  #membership: Membership | null = null;
  #running: Promise<void> | null = null;
  #lost: { readonly thrown: unknown } | null = null;
  #committing: Promise<void> | null = null;

  constructor(kafka: Kafka, options: KafkaSourceOptions) {
    this.#kafka = kafka;
    this.#options = options;
    this.#limits = { ...kafkaSourceLimits, ...options.limits };
  }

  /** Membership outlives the iteration: lanes that drain still settle and beat until the source is closed. */
  async *assignments(signal: AbortSignal): AsyncIterable<Assignment> {
    const ring = (): void => this.#bell.ring();
    signal.addEventListener('abort', ring);
    this.#join();
    try {
      while (!signal.aborted && !this.#closing.signal.aborted) {
        const assignment = this.#takeFresh();
        if (assignment !== undefined) yield assignment;
        else await this.#news();
      }
    } finally {
      signal.removeEventListener('abort', ring);
    }
  }

  #join(): void {
    if (this.#running !== null) return;
    const membership = new Membership(this.#kafka, {
      groupId: this.#options.groupId,
      topics: this.#options.topics,
      sessionTimeoutMs: this.#limits.sessionTimeoutMs,
      heartbeatMs: this.#limits.heartbeatMs,
      beforeRejoin: () => this.#commit(),
      assigned: (partitions) => this.#assign(partitions),
    });
    this.#membership = membership;
    this.#running = membership
      .run(this.#closing.signal)
      .catch((thrown: unknown) => {
        this.#lost = { thrown };
      })
      .finally(() => {
        this.#running = null;
        this.#bell.ring();
      });
    if (this.#options.commits === 'source' && this.#committing === null) this.#committing = this.#commitNowAndThen();
  }

  #takeFresh(): KafkaAssignment | undefined {
    while (this.#fresh[0]?.revoked.aborted) this.#fresh.shift();
    return this.#fresh.shift();
  }

  /** Waits until something happened; throws when it was the loss of the session. */
  async #news(): Promise<void> {
    const lost = this.#lost;
    this.#lost = null;
    if (lost !== null) throw lost.thrown;
    await this.#bell.wait();
  }

  #assign(partitions: readonly TopicPartition[]): void {
    const owned = new Map(partitions.map((partition) => [laneOf(partition), partition]));
    for (const [lane, assignment] of this.#held) if (!owned.has(lane)) this.#revoke(lane, assignment);
    for (const [lane, partition] of owned) {
      if (this.#held.has(lane)) continue;
      const assignment = new KafkaAssignment(this.#kafka, {
        ...partition,
        groupId: this.#options.groupId,
        limits: this.#limits,
        settled: (to) => this.#settled.set(lane, { ...partition, offset: to }),
      });
      this.#held.set(lane, assignment);
      this.#fresh.push(assignment);
    }
    this.#bell.ring();
  }

  #revoke(lane: Lane, assignment: KafkaAssignment): void {
    this.#held.delete(lane);
    this.#settled.delete(lane); // its new owner commits from here on
    assignment.revoke();
  }

  async #commitNowAndThen(): Promise<void> {
    const { clock } = this.#kafka;
    while (!this.#closing.signal.aborted) {
      await clock.sleep(this.#limits.commitMs, this.#closing.signal);
      await this.#commit();
    }
  }

  /** Commits what is settled. What fails is tried with the next commit: offsets only say where others may go on. */
  async #commit(): Promise<void> {
    const { cluster, driver } = this.#kafka;
    const member = this.#membership?.member ?? null;
    if (this.#options.commits === 'sink' || member === null || this.#settled.size === 0) return;
    const offsets = [...this.#settled.values()];
    try {
      await cluster.following(async () =>
        driver.commitOffsets(await cluster.coordinator('group', member.groupId, 'ask'), member, offsets),
      );
    } catch (thrown) {
      if (thrown instanceof KafkaError) return;
      throw thrown;
    }
    for (const committed of offsets) {
      const lane = laneOf(committed);
      if (this.#settled.get(lane)?.offset === committed.offset) this.#settled.delete(lane);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commit();
    this.#closing.abort();
    this.#bell.ring();
    for (const [lane, assignment] of this.#held) this.#revoke(lane, assignment);
    await this.#membership?.close();
    await Promise.all([this.#running, this.#committing]);
  }
}
