import type { Trail } from './trail.ts';

/** Scales the median absolute deviation to the standard deviation of a normal distribution (Hampel 1974; Pearson 2002). */
const madToSigma = 1.4826;

/** Points below which nothing is judged: a median of fewer says little. */
export const pointsMin = 5;

/** Beyond any rounding: what is nearer than this part of the threshold is ordinary for sure. */
const surely = 0.999;

/** The median if the value is an outlier against the trail, else null. A trail that does not vary judges nothing. */
export function judge(trail: Trail, value: number, thresholdMad: number): number | null {
  if (trail.length < pointsMin) return null;
  const middle = trail.median();
  const distance = Math.abs(value - middle);
  if (isOrdinary(trail, { middle, distance }, thresholdMad)) return null;
  const scale = madToSigma * trail.deviation(middle);
  return scale > 0 && distance > thresholdMad * scale ? middle : null;
}

/** True for most values, found by counting: where fewer than half lie so near to the median, its deviation is larger. */
function isOrdinary(trail: Trail, at: { middle: number; distance: number }, thresholdMad: number): boolean {
  return 2 * trail.within(at.middle, at.distance / (thresholdMad * madToSigma * surely)) < trail.length;
}
