import type { Rows } from '@penstock/kernel';
import type { ValueType } from './value-type.ts';

/**
 * What a closure answers. `null` is CEL's null, `undefined` stands for CEL's error (no such overload, division by zero, an
 * index outside its list): it spreads like one, and && and || absorb it like one. Timestamps are milliseconds.
 */
export type Value = number | string | boolean | Uint8Array | readonly string[] | null | undefined;
export type Evaluate = (rows: Rows, row: number) => Value;
export type EvaluateNumber = (rows: Rows, row: number) => number;

/** A typed part of an expression and its closure. */
export interface Node {
  readonly type: ValueType;
  /** Where the part stands in the text. */
  readonly offset: number;
  /** The part as it is written, for messages that say what to write instead. */
  readonly text: string;
  /** False when the value is never null, an error or NaN. */
  readonly nullable: boolean;
  /** True for columns and literals: they may be null, an error they never are. */
  readonly isPlain?: boolean;
  readonly evaluate: Evaluate;
  /**
   * The value as a bare double in which NaN stands for null, error and NaN alike; there only where that is all the same,
   * which is where nothing but arithmetic on doubles stands above it.
   */
  readonly number?: EvaluateNumber;
  /** The value of a literal. */
  readonly literal?: Value;
}

/** What a function needs to know to give its result a place. */
export interface Place {
  readonly offset: number;
  readonly text: string;
}
