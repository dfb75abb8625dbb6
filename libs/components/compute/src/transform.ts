import { type Field, isNumeric, type Rows, rowFate, type Slot } from '@penstock/kernel';
import type { OpenTransform } from '@penstock/pipeline';

/** One computed field: where it goes, and its compiled expression. */
export interface Computed {
  readonly field: Field;
  readonly slot: Slot;
  /** The value for a row; null or NaN where an operand is not there. */
  evaluate(rows: Rows, row: number): unknown;
}

/** Fills fields from expressions, in the order in which they are written, so that a later one may use an earlier one. */
export function createCompute(computed: readonly Computed[]): OpenTransform {
  return () => ({
    process(rows) {
      for (const one of computed) fill(rows, one);
    },
  });
}

function fill(rows: Rows, { field, slot, evaluate }: Computed): void {
  const { fate } = rows;
  if (isNumeric(field.type)) {
    const column = rows.numbers(slot);
    for (let row = 0; row < rows.length; row += 1) {
      if (fate[row] === rowFate.flowing) column[row] = (evaluate(rows, row) as number | null) ?? Number.NaN;
    }
    return;
  }
  const column = rows.values(slot);
  for (let row = 0; row < rows.length; row += 1) if (fate[row] === rowFate.flowing) column[row] = evaluate(rows, row) ?? null;
}
