import type { Binding, Rows } from '@penstock/kernel';
import { isNumeric } from '@penstock/kernel';

/**
 * Codecs are compiled to JavaScript, one function a schema and set of columns, so that a record costs no look-up. Nothing of a
 * schema gets into the source but numbers and JSON string literals.
 */
export interface ColumnCode {
  /** Declares the columns' variables and `bind(rows)`. */
  readonly declarations: string;
  /** Makes the variables hold the columns of `rows`. */
  readonly refresh: string;
  /** The variable of the column with this slot. */
  variable(binding: Binding): string;
}

/** Numeric columns of one Rows are replaced together when they grow, the others never: one numeric column tells for all. */
export function columnCode(bindings: readonly Binding[]): ColumnCode {
  const slots = [...new Map(bindings.map((binding) => [binding.slot, binding])).values()];
  const witness = slots.find(({ field }) => isNumeric(field.type)) ?? slots[0];
  const access = ({ slot, field }: Binding): string => `rows.${isNumeric(field.type) ? 'numbers' : 'values'}(${slot})`;
  const variable = ({ slot }: Binding): string => `column${slot}`;
  if (witness === undefined) return { declarations: '', refresh: '', variable };
  const binds = slots.map((binding) => `${variable(binding)} = ${access(binding)};`).join(' ');
  return {
    declarations: `let ${slots.map(variable).join(', ')};\nfunction bind(rows) { ${binds} }`,
    refresh: `if (${access(witness)} !== ${variable(witness)}) bind(rows);`,
    variable,
  };
}

/** How null stands in a column. */
export function nullOf({ field }: Binding): string {
  return isNumeric(field.type) ? 'NaN' : 'null';
}

/** Reads the record that starts where the body was compiled to start. */
export type DecodeBody = (bytes: Uint8Array, rows: Rows, row: number) => void;
export type EncodeBody = (rows: Rows, row: number) => Uint8Array;

/** Turns generated source into what it returns; `environment` is all that the source can see. */
export function compileSource<Compiled>(source: string, environment: Readonly<Record<string, unknown>>): Compiled {
  const build = new Function(...Object.keys(environment), `'use strict';\n${source}`);
  return build(...Object.values(environment)) as Compiled;
}
