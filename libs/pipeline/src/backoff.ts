import type { Random } from '@penstock/kernel';

export interface BackoffLimits {
  /** The first wait lies in [0, firstMs). */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A stretch without trouble of this length starts over at `firstMs`. */
  readonly stableMs: number;
}

/** Waits with full jitter that double up to a cap and start over only after a stable stretch. */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: Random;
  #attempts = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;

  constructor(limits: BackoffLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Milliseconds to wait after a failure at `nowMs`. */
  afterFailure(nowMs: number): number {
    if (nowMs - this.#lastFailureMs > this.#limits.stableMs) this.#attempts = 0;
    const ceilingMs = Math.min(this.#limits.maxMs, this.#limits.firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    const waitMs = this.#random() * ceilingMs;
    this.#lastFailureMs = nowMs + waitMs;
    return waitMs;
  }
}
