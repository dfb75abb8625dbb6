import { type Rows, rowFate, type Slot } from '@penstock/kernel';
import type { OpenTransform } from '@penstock/pipeline';
import { outOfRange } from './problems.ts';

/** One field's bounds, both inclusive, in the field's own unit. */
export interface Range {
  readonly name: string;
  readonly slot: Slot;
  readonly min: number;
  readonly max: number;
}

/** Rejects a row as soon as one of its values lies outside its range. A value that is not there is not judged. */
export function createValidate(ranges: readonly Range[]): OpenTransform {
  return () => ({
    process(rows) {
      for (const range of ranges) judge(rows, range);
    },
  });
}

function judge(rows: Rows, { name, slot, min, max }: Range): void {
  const values = rows.numbers(slot);
  const { fate } = rows;
  for (let row = 0; row < rows.length; row += 1) {
    const value = values[row] as number;
    if (fate[row] !== rowFate.flowing || (value >= min && value <= max) || Number.isNaN(value)) continue;
    rows.reject(row, outOfRange(`${name}: expected ${min} to ${max}, got ${value}`, { facts: { field: name, value, min, max } }));
  }
}
