import type { Clock } from '@penstock/kernel';

export interface Rate {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const bucketsMax = 10_000;

/** A bucket for each name: what is taken flows back with time. The longest unused ones are forgotten, which refills them. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, max: number = bucketsMax) {
    this.#clock = clock;
    this.#max = max;
  }

  /** Takes one: 0, or the milliseconds until there will be one. */
  take(name: string, rate: Rate): number {
    const bucket = this.#filled(name, rate);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1_000);
  }

  /** Puts back what was taken. */
  give(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.tokens += 1;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #filled(name: string, { perSecond, burst }: Rate): Bucket {
    const nowMs = this.#clock.nowMs();
    const known = this.#buckets.get(name);
    const bucket = known ?? { tokens: burst, atMs: nowMs };
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1_000) * perSecond);
    bucket.atMs = nowMs;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > this.#max) this.#buckets.delete(this.#buckets.keys().next().value ?? name);
    return bucket;
  }
}
