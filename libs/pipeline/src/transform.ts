import type { Field, Rows, Slot } from '@penstock/kernel';
import type { Batch, Header, Lane } from './batch.ts';
import type { Tick } from './stage.ts';
import type { StateStores } from './state.ts';

/** Facts of each row that every stage knows, in the first slots of its columns. */
export const factSlots = { id: 0, key: 1, timeMs: 2 } as const satisfies Record<string, Slot>;

export const factFields: readonly Field[] = [
  { name: '$id', type: 'string', nullable: false },
  { name: '$key', type: 'string', nullable: false },
  { name: '$timeMs', type: 'time', nullable: false },
];

/** The batch and the clock as a transform sees them. */
export interface LaneContext {
  readonly lane: Lane;
  /** The batch in hand; null during a tick. */
  readonly batch: Batch | null;
  /** The engine's time, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Headers for a row that was appended, or more headers for a row of the batch. */
  annotate(row: number, headers: readonly Header[]): void;
}

/**
 * One step of a stage on one lane: changes columns in place, gives rows a fate other than flowing, appends rows. It looks at
 * flowing rows only. Numbers, ids and times come from the columns; nothing else may influence what it does.
 */
export interface Transform {
  process(rows: Rows, lane: LaneContext): void | Promise<void>;
  tick?(rows: Rows, lane: LaneContext, tick: Tick): void;
}

/** Makes the transform of one lane; stores are opened here. */
export type OpenTransform = (state: StateStores) => Transform;
