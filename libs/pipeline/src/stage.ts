import type { Batch, Lane } from './batch.ts';
import type { Delivery, StateChange } from './delivery.ts';

/** What a timer knows: the time, and since when the lane has had nothing to read (null: it has, or nobody knows). */
export interface Tick {
  readonly nowMs: number;
  readonly caughtUpAtMs: number | null;
}

/** One compiled stage on one lane. What it remembers beyond `changes` is lost with the claim and must not matter. */
export interface Task extends Disposable {
  /** A promise only where a transform declares I/O (predict, lookup), or a codec waits for a schema or a key. */
  process(batch: Batch): Delivery | Promise<Delivery>;
  /** Called between batches every `tickMs`; `position` is where the lane stands. Null: nothing to say. */
  tick(tick: Tick, position: number): Delivery | null | Promise<Delivery | null>;
}

/** A compiled stage. */
export interface Stage {
  readonly name: string;
  open(lane: Lane, restored: AsyncIterable<StateChange>): Promise<Task>;
}
