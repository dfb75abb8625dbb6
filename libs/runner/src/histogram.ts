const growth = 1.1;
const logGrowth = Math.log(growth);
const bucketsMax = 200; // 1.1 ** 200 ms is six years

/** Durations in milliseconds in buckets that each are a tenth wider than the last: a quantile is right to five percent. */
export class Histogram {
  readonly #counts = new Float64Array(bucketsMax);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(valueMs: number, times = 1): void {
    const bucket = valueMs < 1 ? 0 : Math.min(bucketsMax - 1, 1 + Math.floor(Math.log(valueMs) / logGrowth));
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#total += times;
  }

  /** The middle of the bucket that holds the quantile; null while there is nothing. */
  quantile(fraction: number): number | null {
    if (this.#total === 0) return null;
    let remaining = fraction * this.#total;
    for (let bucket = 0; bucket < bucketsMax; bucket += 1) {
      remaining -= this.#counts[bucket] as number;
      if (remaining <= 0) return bucket === 0 ? 0.5 : growth ** (bucket - 0.5);
    }
    return null;
  }
}
