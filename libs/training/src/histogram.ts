import { type BinnedColumn, missingCode } from './bins.ts';

/** Sums of gradients, hessians and rows, one triple for each code of each column. */
export type GradientHistogram = Float64Array;

const codes = missingCode + 1;
const sums = 3;

/** Where the sums of a code stand in a histogram. */
export function placeOf(column: number, code: number): number {
  return (column * codes + code) * sums;
}

export interface Derivatives {
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
}

export function buildHistogram(columns: readonly BinnedColumn[], derivatives: Derivatives, rows: Int32Array): GradientHistogram {
  const histogram = new Float64Array(columns.length * codes * sums);
  columns.forEach((column, index) => addColumn(histogram.subarray(placeOf(index, 0)), column.codes, { ...derivatives, rows }));
  return histogram;
}

function addColumn(
  into: Float64Array,
  column: Uint8Array,
  { gradients, hessians, rows }: Derivatives & { rows: Int32Array },
): void {
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number;
    const place = (column[row] as number) * sums;
    into[place] = (into[place] as number) + (gradients[row] as number);
    into[place + 1] = (into[place + 1] as number) + (hessians[row] as number);
    into[place + 2] = (into[place + 2] as number) + 1;
  }
}

/** The histogram of one child is what its parent has beyond the other child: half of the work is spared. */
export function subtract(parent: GradientHistogram, child: GradientHistogram): GradientHistogram {
  return parent.map((value, place) => value - (child[place] as number));
}
