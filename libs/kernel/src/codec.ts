import type { Rows } from './rows.ts';
import type { Field } from './shape.ts';

/** Where a codec finds the columns it fills or reads: the fields that the stage names, and their slots. */
export interface Binding {
  readonly field: Field;
  readonly slot: number;
}

/** Fills the bound columns of one row from a payload. Compiled for one stage; fields that nobody names are skipped. */
export interface Decoder {
  /**
   * A promise while something about the payload has yet to come, as its schema or a key; null when `decode` can go ahead. `decode` is then
   * given the same object.
   */
  prepare(payload: Uint8Array): Promise<void> | null;
  /** Throws a problem with remedy `reject` when the payload is not what its schema says. */
  decode(payload: Uint8Array, rows: Rows, row: number): void;
}

/** Writes one row's bound columns as a payload, wire format included. */
export interface Encoder {
  /**
   * Called once the rows of a batch are what they will be, before any of them is encoded: a promise while something that writing needs has
   * yet to come. Absent where nothing ever has.
   */
  prepare?(rows: Rows): Promise<void> | null;
  encode(rows: Rows, row: number): Uint8Array;
}
