import { Bell, Problem, type Random } from '@penstock/kernel';
import { Backoff } from '@penstock/pipeline';
import type { Kafka } from './kafka.ts';
import { endOf, type Fetched, fetchFrom } from './partition-reader.ts';
import type { Channel, FetchedRecord, TopicPartition } from './port.ts';
import { closed } from './problems.ts';

export interface FollowOptions {
  /** Its partition 0 is read: topics that are followed have one. */
  readonly topic: string;
  readonly signal: AbortSignal;
  /** Called for every record in the order of the topic, one at a time. What it throws ends the following. */
  apply(record: FetchedRecord): void | Promise<void>;
  /** Called before each wait of an outage. */
  waiting?(problem: Problem): void;
  readonly random?: Random;
}

/** A topic read from its start and then for ever: what many processes fold into the same present. */
export interface Following extends AsyncDisposable {
  /** Resolves when everything that was stored before the call has been applied, after an outage too. Throws when the following ended. */
  sync(): Promise<void>;
  /** Resolves when the signal aborts. Rejects with what `apply` threw, or with a problem that waiting does not mend. */
  readonly ended: Promise<void>;
  /** When a broker last answered a read, by the clock: a broker that is well does so at least every half second. */
  readonly answeredMs: number;
}

/** Resolves when everything that was stored before the call has been applied; the following goes on until the signal aborts. */
export async function followTopic(kafka: Kafka, options: FollowOptions): Promise<Following> {
  const follower = new Follower(kafka, options);
  try {
    await follower.sync();
    return follower;
  } catch (thrown) {
    follower.ended.catch(() => undefined); // the same is thrown here
    await follower[Symbol.asyncDispose]();
    throw thrown;
  }
}

const waits = { firstMs: 100, maxMs: 5_000, stableMs: 30_000 };
const fetchLimits = { waitMs: 500, bytesMax: 524_288 };

let followers = 0;

class Follower implements Following {
  readonly ended: Promise<void>;
  readonly #kafka: Kafka;
  readonly #options: FollowOptions;
  readonly #at: TopicPartition;
  readonly #channel: Channel;
  readonly #own = new AbortController();
  readonly #signal: AbortSignal;
  readonly #awaited = new Set<{ to: number; bell: Bell }>();
  #next = 0;
  #answeredMs = 0;
  #over: { readonly thrown: unknown } | null = null;

  constructor(kafka: Kafka, options: FollowOptions) {
    followers += 1;
    this.#kafka = kafka;
    this.#options = options;
    this.#at = { topic: options.topic, partition: 0 };
    this.#channel = `read:follow ${followers}`;
    this.#signal = AbortSignal.any([options.signal, this.#own.signal]);
    this.#signal.addEventListener('abort', () => void kafka.driver.release(this.#channel), { once: true });
    this.ended = this.#follow();
  }

  get answeredMs(): number {
    return this.#answeredMs;
  }

  async sync(): Promise<void> {
    const to = await this.#throughOutages(() => endOf(this.#kafka, this.#at, 'latest'));
    const mine = { to, bell: new Bell() };
    this.#awaited.add(mine);
    while (this.#next < to && this.#over === null) await mine.bell.wait();
    this.#awaited.delete(mine);
    if (this.#next < to && this.#over !== null) throw this.#over.thrown;
  }

  async #follow(): Promise<void> {
    try {
      this.#next = await this.#throughOutages(() => endOf(this.#kafka, this.#at, 'earliest'));
      for (;;) await this.#apply(await this.#throughOutages(() => this.#fetch()));
    } catch (thrown) {
      this.#over = { thrown };
      for (const { bell } of this.#awaited) bell.ring();
      if (!closed.caused(thrown)) throw thrown;
    } finally {
      await this.#kafka.driver.release(this.#channel);
    }
  }

  async #fetch(): Promise<Fetched> {
    const at = { ...this.#at, offset: this.#next };
    const fetched = await fetchFrom(this.#kafka, at, { ...fetchLimits, channel: this.#channel });
    this.#answeredMs = this.#kafka.clock.nowMs();
    return fetched;
  }

  async #apply({ records, nextOffset }: Fetched): Promise<void> {
    for (const record of records) {
      if (this.#signal.aborted) return;
      await this.#options.apply(record);
    }
    this.#next = nextOffset;
    for (const { to, bell } of this.#awaited) if (to <= nextOffset) bell.ring();
  }

  /** Asks until there is an answer; throws `kafka.closed` when the signal aborts, and problems that waiting does not mend. */
  async #throughOutages<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { clock } = this.#kafka;
    const backoff = new Backoff(waits, this.#options.random ?? Math.random);
    for (;;) {
      if (this.#signal.aborted) throw closed(`topic ${this.#options.topic} is followed no longer`);
      try {
        return await ask();
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.remedy !== 'retry') throw thrown;
        if (!this.#signal.aborted) this.#options.waiting?.(thrown);
        await clock.sleep(backoff.afterFailure(clock.nowMs()), this.#signal);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#own.abort();
    await this.ended.catch(() => undefined); // told to whoever listens to `ended`
  }
}
