import type { Rows, Slot } from '@penstock/kernel';

export const aggregateKinds = ['mean', 'sum', 'min', 'max', 'count', 'first', 'last', 'stddev'] as const;
export type AggregateKind = (typeof aggregateKinds)[number];

/** One aggregate of a window: what it accumulates over the values that are there, and where its result goes. */
export interface Aggregate {
  readonly kind: AggregateKind;
  readonly slot: Slot;
  /** The operand for a row; NaN where it is not there. */
  value(rows: Rows, row: number): number;
}

/** Plain numbers, so that it goes into a changelog as it is; empty until the first value. */
export type Accumulator = number[];

type Fold = (accumulator: Accumulator, value: number, timeMs: number) => void;

/** Welford's running moments: [count, mean, sum of squared deviations]. */
const moments: Fold = (accumulator, value) => {
  const count = (accumulator[0] ?? 0) + 1;
  const mean = accumulator[1] ?? 0;
  const delta = value - mean;
  const next = mean + delta / count;
  accumulator[0] = count;
  accumulator[1] = next;
  accumulator[2] = (accumulator[2] ?? 0) + delta * (value - next);
};

/** [value, time of the value]: by event time; of two at the same time the one that came later. */
const pickByTime =
  (isBetter: (timeMs: number, keptMs: number) => boolean): Fold =>
  (accumulator, value, timeMs) => {
    if (accumulator.length > 0 && !isBetter(timeMs, accumulator[1] as number)) return;
    accumulator[0] = value;
    accumulator[1] = timeMs;
  };

const total: Fold = (accumulator, value) => {
  accumulator[0] = (accumulator[0] ?? 0) + value;
  accumulator[1] = (accumulator[1] ?? 0) + 1;
};

const folds: Readonly<Record<AggregateKind, Fold>> = {
  mean: total,
  sum: total,
  count: total,
  min: (accumulator, value) => {
    accumulator[0] = Math.min(accumulator[0] ?? value, value);
  },
  max: (accumulator, value) => {
    accumulator[0] = Math.max(accumulator[0] ?? value, value);
  },
  first: pickByTime((timeMs, keptMs) => timeMs < keptMs),
  last: pickByTime((timeMs, keptMs) => timeMs >= keptMs),
  stddev: moments,
};

export function fold(kind: AggregateKind, accumulator: Accumulator, point: { value: number; timeMs: number }): void {
  folds[kind](accumulator, point.value, point.timeMs);
}

/** The result; NaN (null) where no value was there, except that a count is 0. `stddev` is the sample's, NaN below two values. */
export function resultOf(kind: AggregateKind, accumulator: Accumulator): number {
  const [first, second, third] = accumulator;
  if (kind === 'count') return second ?? 0;
  if (first === undefined) return Number.NaN;
  if (kind === 'mean') return first / (second as number);
  if (kind === 'stddev') return first < 2 ? Number.NaN : Math.sqrt((third as number) / (first - 1));
  return first;
}
