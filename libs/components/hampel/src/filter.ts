/** Scales the median absolute deviation to the standard deviation of a normal distribution (Hampel 1974; Pearson 2002). */
const madToSigma = 1.4826;

/** Points below which nothing is judged: a median of fewer says little. */
export const pointsMin = 5;

/** The newest points kept for a key, whatever the window holds: state stays bounded. */
export const pointsMax = 101;

/** The trailing window of one key: times in milliseconds and values as they came, oldest first. */
export interface Trail {
  readonly timesMs: number[];
  readonly values: number[];
}

/** The median if the value is an outlier against the trail, else null. A trail that does not vary judges nothing. */
export function judge(trail: Trail, value: number, thresholdMad: number): number | null {
  if (trail.values.length < pointsMin) return null;
  const middle = medianOf(trail.values);
  const scale = madToSigma * medianOf(trail.values.map((point) => Math.abs(point - middle)));
  return scale > 0 && Math.abs(value - middle) > thresholdMad * scale ? middle : null;
}

/** Adds a point in its place in time and lets go of those that left the window. */
export function extend(trail: Trail, point: { timeMs: number; value: number }, windowMs: number): void {
  let index = trail.timesMs.length;
  while (index > 0 && (trail.timesMs[index - 1] as number) > point.timeMs) index -= 1;
  trail.timesMs.splice(index, 0, point.timeMs);
  trail.values.splice(index, 0, point.value);
  const oldestMs = (trail.timesMs.at(-1) as number) - windowMs;
  while ((trail.timesMs[0] as number) < oldestMs || trail.timesMs.length > pointsMax) {
    trail.timesMs.shift();
    trail.values.shift();
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
