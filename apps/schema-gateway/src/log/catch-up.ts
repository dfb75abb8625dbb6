import type { Clock } from '@penstock/kernel';
import { storeTimeout } from '../problems.ts';

/** Between the starts of two rounds: whoever asks for what is not there cannot make a gateway ask Kafka more often. */
const betweenMs = 10;
/** Callers give up after seconds, and ask again what is answered with 500. */
const waitMsMax = 2_000;

/**
 * "Not there" is only said when everything that was stored before the question has been read. All who wait go by one round; whoever
 * comes while a round is under way waits for the next one, for that round may have looked before.
 */
export class CatchUp {
  readonly #sync: () => Promise<void>;
  readonly #clock: Clock;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #startedMs = Number.NEGATIVE_INFINITY;

  constructor(sync: () => Promise<void>, clock: Clock) {
    this.#sync = sync;
    this.#clock = clock;
  }

  /** Throws `gateway.store-timeout` when Kafka does not say so in time: what is there is then not known. */
  async done(): Promise<void> {
    this.#next ??= this.#round();
    const round = this.#next;
    const waiting = new AbortController();
    const late = this.#clock.sleep(waitMsMax, waiting.signal).then(() => {
      if (waiting.signal.aborted) return;
      throw storeTimeout('the topics cannot be read now, so it is not known what is there: ask again');
    });
    try {
      await Promise.race([round, late]);
    } finally {
      waiting.abort();
    }
  }

  async #round(): Promise<void> {
    await this.#current.catch(() => undefined); // told to those who waited for it
    const restMs = this.#startedMs + betweenMs - this.#clock.nowMs();
    if (restMs > 0) await this.#clock.sleep(restMs);
    this.#current = this.#next as Promise<void>;
    this.#next = null;
    this.#startedMs = this.#clock.nowMs();
    await this.#sync();
  }
}
