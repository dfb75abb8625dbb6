/** How far two samples lie apart, and how surprising that would be by chance. */
export interface Divergence {
  /** The size of the effect; what it is compared with is calibrated, since every real day differs. */
  readonly effect: number;
  /** With many rows even a difference of no importance has a small one: it guards against few rows only. */
  readonly pValue: number;
}

/** Quantiles of a sample, for both statistics of a column of numbers: bins for PSI and a distribution for Kolmogorov–Smirnov. */
export interface Sketch {
  readonly rows: number;
  /** Upper ends of all bins but the last, ascending, each once. */
  readonly edges: readonly number[];
  /** Rows in each bin. */
  readonly counts: readonly number[];
  /** Missing values are a bin of their own. */
  readonly missing: number;
  /** Percentiles 0 to 100. */
  readonly percentiles: readonly number[];
}

const psiBins = 10;
const percents = 100;

export function sketchOf(values: Float64Array): Sketch {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (fraction: number): number => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] as number;
  if (sorted.length === 0) return { rows: values.length, edges: [], counts: [0], missing: values.length, percentiles: [] };
  const edges = [...new Set(Array.from({ length: psiBins - 1 }, (_, bin) => at((bin + 1) / psiBins)))];
  return {
    rows: values.length,
    edges,
    counts: countBins(sorted, edges),
    missing: values.length - sorted.length,
    percentiles: Array.from({ length: percents + 1 }, (_, percent) => at(percent / percents)),
  };
}

/** Population stability index over the reference's bins, with the p-value of Kolmogorov–Smirnov. */
export function divergenceOf(reference: Sketch, values: Float64Array): Divergence {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const missing = values.length - sorted.length;
  const effect = psi([...reference.counts, reference.missing], [...countBins(sorted, reference.edges), missing]);
  const distance = largestGap(reference.percentiles, sorted);
  return { effect, pValue: kolmogorov(distance, reference.rows - reference.missing, sorted.length) };
}

/** Σ (q − p) · ln(q / p). Half a row is added to each bin, so that an empty one counts much and not infinitely. */
export function psi(reference: readonly number[], current: readonly number[]): number {
  const expected = shares(reference);
  const found = shares(current);
  return expected.reduce((sum, share, bin) => {
    const now = found[bin] as number;
    return sum + (now - share) * Math.log(now / share);
  }, 0);
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count + 0.5, 0);
  return counts.map((count) => (count + 0.5) / total);
}

function countBins(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value > (edges[bin] as number)) bin += 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** The largest vertical distance between two distributions, looked at where the reference's percentiles stand. */
function largestGap(percentiles: readonly number[], sorted: Float64Array): number {
  let below = 0;
  let gap = 0;
  percentiles.forEach((value, percent) => {
    while (below < sorted.length && (sorted[below] as number) <= value) below += 1;
    // Of equal percentiles the last one is the distribution's value there.
    if (percentiles[percent + 1] !== value) gap = Math.max(gap, Math.abs(below / sorted.length - percent / percents));
  });
  return gap;
}

/** P(D > distance) by the limit of Kolmogorov (1933), with the correction for small samples of Stephens (1970). */
function kolmogorov(distance: number, reference: number, current: number): number {
  if (reference === 0 || current === 0) return reference === current ? 1 : 0;
  const root = Math.sqrt((reference * current) / (reference + current));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let term = 1; term <= 20; term += 1) sum += (term % 2 === 1 ? 2 : -2) * Math.exp(-2 * (term * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/** By how much a rate has risen, with the p-value of Pearson's chi-squared test of two rates. */
export function riseOf(reference: { hits: number; rows: number }, current: { hits: number; rows: number }): Divergence {
  const effect = current.hits / current.rows - reference.hits / reference.rows;
  const rows = reference.rows + current.rows;
  const pooled = (reference.hits + current.hits) / rows;
  const variance = pooled * (1 - pooled) * (1 / reference.rows + 1 / current.rows);
  return { effect, pValue: variance === 0 ? 1 : erfc(Math.abs(effect) / Math.sqrt(2 * variance)) };
}

/** Complementary error function of a number that is not negative, right to 1.2e-7 (Press et al., Numerical Recipes, 6.2). */
function erfc(value: number): number {
  const t = 1 / (1 + value / 2);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
  ];
  const polynomial = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return t * Math.exp(-value * value + polynomial);
}
