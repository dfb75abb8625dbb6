import type { Problem } from './problem.ts';
import { type Field, isNumeric } from './shape.ts';

/** What became of a row so far; a row that is still `flowing` at the end of a stage is forwarded. */
export const rowFate = { flowing: 0, forwarded: 1, absorbed: 2, dropped: 3, late: 4, duplicate: 5, rejected: 6 } as const;
export type RowFate = (typeof rowFate)[keyof typeof rowFate];

/** A column as the compiled stage addresses it. */
export type Slot = number;

const capacityMin = 256;

/**
 * Decoded columns of one batch, changed in place by decoders and transforms. Rows [0, inputs) are the rows of the batch; rows
 * appended after them are outputs that a row (`cause`) or a timer (-1) brought about. One instance serves a lane for its life.
 */
export class Rows {
  #length = 0;
  #inputs = 0;
  #capacity = 0;
  #fate: Uint8Array = new Uint8Array(0);
  #cause: Int32Array = new Int32Array(0);
  readonly #numbers: (Float64Array | null)[];
  readonly #values: (unknown[] | null)[];
  readonly #problems = new Map<number, Problem>();

  /** One slot for each field; the same name may stand in several slots with different types. */
  constructor(slots: readonly Field[]) {
    this.#numbers = slots.map(({ type }) => (isNumeric(type) ? new Float64Array(0) : null));
    this.#values = slots.map(({ type }) => (isNumeric(type) ? null : []));
  }

  /** Rows, appended ones included. */
  get length(): number {
    return this.#length;
  }

  /** Rows of the batch. */
  get inputs(): number {
    return this.#inputs;
  }

  get fate(): Uint8Array {
    return this.#fate;
  }

  get cause(): Int32Array {
    return this.#cause;
  }

  get problems(): ReadonlyMap<number, Problem> {
    return this.#problems;
  }

  /** Begins a batch: every row flows; columns hold what they held and are to be filled. */
  reset(inputs: number): void {
    this.#reserve(inputs);
    this.#length = inputs;
    this.#inputs = inputs;
    this.#fate.fill(rowFate.flowing, 0, inputs);
    for (let row = 0; row < inputs; row += 1) this.#cause[row] = row;
    if (this.#problems.size > 0) this.#problems.clear();
  }

  /** The column of a numeric slot. Ask again after `append`: columns may have moved. */
  numbers(slot: Slot): Float64Array {
    const column = this.#numbers[slot];
    if (!column) throw new TypeError(`slot ${slot} holds no numbers`);
    return column;
  }

  values(slot: Slot): unknown[] {
    const column = this.#values[slot];
    if (!column) throw new TypeError(`slot ${slot} holds numbers`);
    return column;
  }

  /** Adds a flowing row with every column null; `cause` is the row that brought it about, or -1 for a timer. */
  append(cause: number): number {
    this.#reserve(this.#length + 1);
    const row = this.#length;
    this.#length += 1;
    this.#fate[row] = rowFate.flowing;
    this.#cause[row] = cause;
    for (const column of this.#numbers) if (column) column[row] = Number.NaN;
    for (const column of this.#values) if (column) column[row] = null;
    return row;
  }

  reject(row: number, problem: Problem): void {
    this.#fate[row] = rowFate.rejected;
    this.#problems.set(row, problem);
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(capacityMin, rows, this.#capacity * 2);
    this.#fate = grown(this.#fate, new Uint8Array(this.#capacity));
    this.#cause = grown(this.#cause, new Int32Array(this.#capacity));
    this.#numbers.forEach((column, slot) => {
      if (column) this.#numbers[slot] = grown(column, new Float64Array(this.#capacity));
    });
  }
}

function grown<Column extends Uint8Array | Int32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from as never);
  return to;
}
