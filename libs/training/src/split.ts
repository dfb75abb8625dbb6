import { type BinnedColumn, missingCode } from './bins.ts';
import { type GradientHistogram, placeOf } from './histogram.ts';
import type { TreeParams } from './params.ts';

/** What a set of rows adds up to. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

/** The best way found to part the rows of a leaf. */
export interface Split {
  readonly column: number;
  /** Rows with a code up to this one go left. */
  readonly code: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  readonly gain: number;
  readonly left: Sums;
  readonly right: Sums;
}

/** Missing values alone are parted from all others by a threshold that no float32 exceeds. */
const aboveAll = Math.fround(3.4028234663852886e38);

/** The split of a leaf with the greatest gain; the first one wins a tie, so that the same rows give the same tree. */
export function findSplit(
  leaf: { readonly histogram: GradientHistogram; readonly sums: Sums },
  columns: readonly { readonly index: number; readonly column: BinnedColumn }[],
  params: TreeParams,
): Split | null {
  let best: Split | null = null;
  for (const { index, column } of columns) {
    const missing = sumsAt(leaf.histogram, placeOf(index, missingCode));
    for (const missingLeft of missing.rows > 0 ? [false, true] : [false]) {
      const scan = { ...leaf, index, column, missing, missingLeft };
      const found = scanColumn(scan, params, best?.gain ?? params.gainMin);
      best = found ?? best;
    }
  }
  return best;
}

interface Scan {
  readonly histogram: GradientHistogram;
  readonly sums: Sums;
  readonly index: number;
  readonly column: BinnedColumn;
  readonly missing: Sums;
  readonly missingLeft: boolean;
}

/** Moves the threshold through the bins of one column and keeps the best place above `gainMin`. */
function scanColumn(scan: Scan, params: TreeParams, gainMin: number): Split | null {
  const { histogram, sums, index, missing } = scan;
  const { thresholds } = scan.column;
  const whole = scoreOf(sums, params.l2);
  let left: Sums = scan.missingLeft ? missing : { gradient: 0, hessian: 0, rows: 0 };
  let best: Split | null = null;
  const last = missing.rows > 0 && !scan.missingLeft ? thresholds.length : thresholds.length - 1;
  for (let code = 0; code <= last; code += 1) {
    left = plus(left, sumsAt(histogram, placeOf(index, code)));
    const right = minus(sums, left);
    if (right.rows < params.leafRowsMin) break;
    if (!isLargeEnough(left, params) || !isLargeEnough(right, params)) continue;
    const gain = (scoreOf(left, params.l2) + scoreOf(right, params.l2) - whole) / 2;
    if (gain <= (best?.gain ?? gainMin)) continue;
    // Where training saw no missing value, one that comes later goes with the majority.
    const missingLeft = missing.rows > 0 ? scan.missingLeft : left.rows >= right.rows;
    best = { column: index, code, threshold: thresholds[code] ?? aboveAll, missingLeft, gain, left, right };
  }
  return best;
}

/** What a leaf adds to the margin of its rows, before the learning rate. */
export function leafValue({ gradient, hessian }: Sums, l2: number): number {
  return hessian + l2 > 0 ? -gradient / (hessian + l2) : 0;
}

function scoreOf({ gradient, hessian }: Sums, l2: number): number {
  return hessian + l2 > 0 ? gradient ** 2 / (hessian + l2) : 0;
}

function isLargeEnough({ rows, hessian }: Sums, { leafRowsMin, leafHessianMin }: TreeParams): boolean {
  return rows >= leafRowsMin && hessian >= leafHessianMin;
}

function sumsAt(histogram: GradientHistogram, place: number): Sums {
  return {
    gradient: histogram[place] as number,
    hessian: histogram[place + 1] as number,
    rows: histogram[place + 2] as number,
  };
}

function plus(a: Sums, b: Sums): Sums {
  return { gradient: a.gradient + b.gradient, hessian: a.hessian + b.hessian, rows: a.rows + b.rows };
}

function minus(a: Sums, b: Sums): Sums {
  return { gradient: a.gradient - b.gradient, hessian: a.hessian - b.hessian, rows: a.rows - b.rows };
}
