const bucketMs = 60_000;

/** Counts labels by the minute of event time that they speak of, so that those since a training can be told. */
export class LabelCounter {
  readonly #minutes = new Map<number, number>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  add(timeMs: number): void {
    const minute = Math.floor(timeMs / bucketMs);
    if (minute * bucketMs > this.#sinceMs) this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + 1);
  }

  /** The labels of the minutes that begin after this time; those before it are forgotten. */
  since(timeMs: number): number {
    this.#sinceMs = Math.max(this.#sinceMs, timeMs);
    let labels = 0;
    for (const [minute, count] of this.#minutes) {
      if (minute * bucketMs > this.#sinceMs) labels += count;
      else this.#minutes.delete(minute);
    }
    return labels;
  }
}
