import type { Rows } from './rows.ts';
import type { Field } from './shape.ts';

/** Where a codec finds the columns it fills or reads: the fields that the stage names, and their slots. */
export interface Binding {
  readonly field: Field;
  readonly slot: number;
}

/** Where clients of Confluent name the schema of a key or a value that they leave bare. */
export const schemaHeaders = { key: '__key_schema_id', value: '__value_schema_id' } as const;

/** A header of a record. */
type RecordHeader = readonly [name: string, value: Uint8Array | null];

/** Fills the bound columns of one row from a payload. Compiled for one stage; fields that nobody names are skipped. */
export interface Decoder {
  /**
   * The payload as `prepare` and `decode` take it, where a header of its record says by what it is read: else the payload itself. Absent
   * where headers say nothing.
   */
  framed?(payload: Uint8Array, headers: readonly RecordHeader[]): Uint8Array;
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
