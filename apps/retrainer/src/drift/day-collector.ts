import { labelFinder } from '../data/dataset.ts';
import type { KeyedRow } from '../data/keyed-rows.ts';

/** The rows of one whole day of event time, with labels where they are known (NaN where not). */
export interface WholeDay {
  readonly dayMs: number;
  readonly rows: readonly KeyedRow[];
  readonly labels: Float64Array;
}

export interface CollectorOptions {
  /** How far a label may lie from its row. */
  readonly withinMs: number;
  /** Rows up to here are known to the model already. */
  readonly afterMs: number;
  /** How long after a day, in event time, a key that has fallen silent is not waited for any longer. */
  readonly graceMs?: number;
  /** The same for the labels of a key that has had labels before: they decide, and may come much later. */
  readonly labelsGraceMs?: number;
  readonly dayRowsMax?: number;
  readonly labelsMax?: number;
}

export const dayMs = 86_400_000;
const defaults = { graceMs: 6 * 3_600_000, labelsGraceMs: 2 * dayMs, dayRowsMax: 100_000, labelsMax: 500_000 };

/**
 * Gathers rows and labels into whole days of event time. A day is whole when every key that spoke on it has gone on to a later
 * day, with its labels too, or when the others are so far ahead that the silent are not waited for.
 */
export class DayCollector {
  readonly #options: CollectorOptions & typeof defaults;
  readonly #open = new Map<number, Sample>();
  #labels: KeyedRow[] = [];
  /** How far each key has come. */
  readonly #featureMarks = new Map<string, number>();
  readonly #labelMarks = new Map<string, number>();
  #newestMs = Number.NEGATIVE_INFINITY;
  #closedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CollectorOptions) {
    this.#options = { ...defaults, ...options };
  }

  addFeature(row: KeyedRow): void {
    raise(this.#featureMarks, row);
    this.#newestMs = Math.max(this.#newestMs, row.timeMs);
    if (row.timeMs <= this.#options.afterMs || row.timeMs < this.#closedUntilMs) return;
    const day = dayOf(row.timeMs);
    const sample = this.#open.get(day) ?? new Sample(this.#options.dayRowsMax);
    sample.add(row);
    this.#open.set(day, sample);
  }

  addLabel(row: KeyedRow): void {
    raise(this.#labelMarks, row);
    if (row.timeMs < Math.max(this.#closedUntilMs, this.#options.afterMs) - this.#options.withinMs) return;
    this.#labels.push(row);
    if (this.#labels.length > this.#options.labelsMax) this.#labels = this.#labels.slice(this.#options.labelsMax / 2);
  }

  /**
   * The days that have become whole since the last call, in their order. `caughtUp`: all there is has been added, so that what is
   * missing is late; else it may just not have been read yet, and is waited for.
   */
  takeWhole(caughtUp: boolean): WholeDay[] {
    const whole: WholeDay[] = [];
    for (const day of [...this.#open.keys()].sort((left, right) => left - right)) {
      const sample = this.#open.get(day) as Sample;
      if (!this.#isWhole(day, sample, caughtUp)) break;
      whole.push(this.#close(day, sample));
    }
    return whole;
  }

  #isWhole(day: number, { keys }: Sample, caughtUp: boolean): boolean {
    const endMs = day + dayMs;
    if (this.#newestMs < endMs) return false;
    const { graceMs, labelsGraceMs } = this.#options;
    const isGivenUp = (afterMs: number): boolean => caughtUp && this.#newestMs >= endMs + afterMs;
    return [...keys].every((key) => {
      const labelled = this.#labelMarks.get(key);
      const isPast = (this.#featureMarks.get(key) ?? 0) >= endMs || isGivenUp(graceMs);
      return isPast && ((labelled ?? 0) >= endMs || isGivenUp(labelled === undefined ? graceMs : labelsGraceMs));
    });
  }

  #close(day: number, { rows }: Sample): WholeDay {
    this.#open.delete(day);
    this.#closedUntilMs = day + dayMs;
    const { withinMs } = this.#options;
    const near = this.#labels.filter(({ timeMs }) => timeMs >= day - withinMs && timeMs < day + dayMs + withinMs);
    const find = labelFinder(near, withinMs);
    this.#labels = this.#labels.filter(({ timeMs }) => timeMs >= this.#closedUntilMs - withinMs);
    return { dayMs: day, rows, labels: Float64Array.from(rows, (row) => find(row) ?? Number.NaN) };
  }
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs) * dayMs;
}

function raise(marks: Map<string, number>, { key, timeMs }: KeyedRow): void {
  if (timeMs > (marks.get(key) ?? Number.NEGATIVE_INFINITY)) marks.set(key, timeMs);
}

/** At most so many rows of a day: when there are more, every second one goes, and only every second is taken from then on. */
class Sample {
  readonly keys = new Set<string>();
  rows: KeyedRow[] = [];
  readonly #max: number;
  #stride = 1;
  #seen = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(row: KeyedRow): void {
    this.keys.add(row.key);
    if (this.#seen % this.#stride === 0) this.rows.push(row);
    this.#seen += 1;
    if (this.rows.length <= this.#max) return;
    this.rows = this.rows.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }
}
