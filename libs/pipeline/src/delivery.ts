import type { Problem } from '@penstock/kernel';
import type { Header, Lane } from './batch.ts';

/** What became of an input row. Each row has exactly one fate in each stage (invariant 2). */
export const fates = ['forwarded', 'absorbed', 'dropped', 'late', 'duplicate', 'rejected'] as const;
export type Fate = (typeof fates)[number];
export type FateCounts = Readonly<Record<Fate, number>>;

/** Where an output goes: `main`, `late`, `dead`, or a topic that the stage declares. */
export type Route = string;

/** One record, encoded and ready to store. */
export interface Output {
  readonly id: string;
  readonly route: Route;
  readonly key: Uint8Array | null;
  readonly payload: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly eventTimeMs: number;
  /** The row of the batch that caused it, or -1 when a timer did. */
  readonly cause: number;
}

/** One change of a stage's state; a null value deletes the key. */
export interface StateChange {
  readonly store: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** An input that went to the dead letters, by its position in the lane. */
export interface Refusal {
  readonly position: number;
  readonly problem: Problem;
}

/** All that one batch or one tick causes: stored whole or not at all. `from === to` for a tick: nothing was consumed. */
export interface Delivery {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly outputs: readonly Output[];
  readonly changes: readonly StateChange[];
  /** The fates of the input rows; they add up to the length of the batch. */
  readonly fates: FateCounts;
  readonly refusals: readonly Refusal[];
}

export function createFateCounts(counts: Partial<FateCounts> = {}): Record<Fate, number> {
  return { forwarded: 0, absorbed: 0, dropped: 0, late: 0, duplicate: 0, rejected: 0, ...counts };
}

export function totalOf(counts: FateCounts): number {
  return counts.forwarded + counts.absorbed + counts.dropped + counts.late + counts.duplicate + counts.rejected;
}
