import { type Clock, messageOf, type Random } from '@penstock/kernel';
import { Backoff } from '@penstock/pipeline';

export interface ReachabilityOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Rejects while upstream is away. Takes no longer than a few seconds. */
  probe(): Promise<void>;
  /** Called at each change. */
  changed(isReached: boolean, reason: string): void;
}

const lookMs = 1_000;
const waits = { firstMs: 100, maxMs: 2_000, stableMs: 10_000 };

/**
 * Whether upstream can be asked. One probe at a time looks after it: now and then while it is there, with growing jittered waits while
 * it is away; so that callers need not find out one by one.
 */
export class Reachability implements AsyncDisposable {
  readonly #options: ReachabilityOptions;
  readonly #backoff: Backoff;
  readonly #loop: Promise<void>;
  #isAway = false;
  #isSuspect = false;
  #wake: AbortController = new AbortController();

  constructor(options: ReachabilityOptions) {
    this.#options = options;
    this.#backoff = new Backoff(waits, options.random);
    options.signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    this.#loop = this.#run();
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Nobody listens there. */
  lost(reason: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#options.changed(false, reason);
    this.#wake.abort();
  }

  /** A call had no answer, which may be its own fault: look at once. */
  suspect(): void {
    if (this.#isSuspect || this.#isAway) return;
    this.#isSuspect = true;
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    for (await this.#look(); !signal.aborted; await this.#look()) await this.#wait();
  }

  async #wait(): Promise<void> {
    const { clock, signal } = this.#options;
    const ms = this.#isAway ? this.#backoff.afterFailure(clock.nowMs()) : lookMs;
    if (this.#isAway || this.#wake.signal.aborted) this.#wake = new AbortController();
    if (signal.aborted || this.#isSuspect) return;
    await clock.sleep(ms, this.#wake.signal);
  }

  async #look(): Promise<void> {
    const { probe, changed, signal } = this.#options;
    this.#isSuspect = false;
    try {
      await probe();
      const wasAway = this.#isAway;
      this.#isAway = false;
      if (wasAway) changed(true, '');
    } catch (thrown) {
      if (!signal.aborted) this.lost(messageOf(thrown));
    }
  }

  /** After the signal aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop;
  }
}
