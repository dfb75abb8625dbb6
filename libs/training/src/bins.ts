/** Values of a column fall into at most this many bins; one more code stands for missing ones. */
export const binsLimit = 255;
export const missingCode = 255;

/** A column reduced to codes: code `c` holds the values in (thresholds[c - 1], thresholds[c]]. */
export interface BinnedColumn {
  readonly codes: Uint8Array;
  /** Ascending float32 values; one fewer than there are bins. */
  readonly thresholds: Float32Array;
}

/** Bins of equal weight in rows, or one for each value where there are few. */
export function binColumn(column: Float64Array | Float32Array, binsMax: number): BinnedColumn {
  const values = Float32Array.from(column);
  const thresholds = cutsOf(values.filter((value) => !Number.isNaN(value)).sort(), binsMax);
  const codes = Uint8Array.from(values, (value) => (Number.isNaN(value) ? missingCode : codeOf(value, thresholds)));
  return { codes, thresholds };
}

/** The first bin whose upper end is not below the value. */
function codeOf(value: number, thresholds: Float32Array): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function cutsOf(sorted: Float32Array, binsMax: number): Float32Array {
  const distinct = countDistinct(sorted);
  const cuts: number[] = [];
  let taken = 0;
  let inBin = 0;
  for (let at = 0; at < sorted.length; at += 1) {
    inBin += 1;
    const value = sorted[at] as number;
    const next = sorted[at + 1];
    if (next === undefined || next === value) continue;
    const binsLeft = binsMax - cuts.length;
    const full = distinct <= binsMax || inBin >= (sorted.length - taken) / binsLeft;
    if (!full || binsLeft === 1) continue;
    cuts.push(between(value, next));
    taken += inBin;
    inBin = 0;
  }
  return Float32Array.from(cuts);
}

function countDistinct(sorted: Float32Array): number {
  let distinct = 0;
  for (let at = 0; at < sorted.length; at += 1) if (at === 0 || sorted[at] !== sorted[at - 1]) distinct += 1;
  return distinct;
}

/** A float32 in [low, high) halfway between both, so that `<=` parts them in float32 as it did in training. */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= low && middle < high ? middle : low;
}
