import type { Trail } from './trail.ts';

/** Scales the median absolute deviation to the standard deviation of a normal distribution (Hampel 1974; Pearson 2002). */
const madToSigma = 1.4826;

/** Points below which nothing is judged: a median of fewer says little. */
export const pointsMin = 5;

/** The median if the value is an outlier against the trail, else null. A trail that does not vary judges nothing. */
export function judge(trail: Trail, value: number, thresholdMad: number): number | null {
  if (trail.length < pointsMin) return null;
  const middle = trail.median();
  const scale = madToSigma * trail.deviation(middle);
  return scale > 0 && Math.abs(value - middle) > thresholdMad * scale ? middle : null;
}
