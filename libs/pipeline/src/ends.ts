import type { Problem } from '@penstock/kernel';
import type { Batch, Lane } from './batch.ts';
import type { Delivery, Refusal, StateChange } from './delivery.ts';

/** Where lanes come from. The iteration ends when the signal aborts or when a finite source has no more lanes. */
export interface Source extends AsyncDisposable {
  assignments(signal: AbortSignal): AsyncIterable<Assignment>;
}

/** The right to read one lane, until it is revoked. */
export interface Assignment {
  readonly lane: Lane;
  readonly revoked: AbortSignal;
  /**
   * Reads on from a position; null: from the source's own ledger (the last settled position). Whatever was read and not
   * settled can be read again by calling this anew. An iteration ends on `return()`, on revocation, and when a new one begins.
   * Reads ahead boundedly.
   */
  batches(from: number | null): AsyncIterable<Batch>;
  /** Everything below `to` is settled: durable, absorbed in durable state, dropped on purpose, or dead-lettered. Called in order. */
  settle(to: number, refusals: readonly Refusal[]): void;
  /** When it was last proven that nothing waited to be read beyond what was handed out; null: there is more, or it is unknown. */
  caughtUpAtMs(): number | null;
}

/** An output that the sink will never take, as `delivery.outputs[output]`. */
export interface RefusedOutput {
  readonly output: number;
  readonly problem: Problem;
}

/** Makes dead letters durable; resolves only when they are. */
export type Bury = (refused: readonly RefusedOutput[]) => Promise<void>;

/** Where deliveries go. */
export interface Sink extends AsyncDisposable {
  /**
   * The routes that a claim stores together with the position. Outputs of route `dead` that a sink does not store itself are
   * made durable by the engine before the delivery is handed over.
   */
  stores(route: string): boolean;
  /** Claiming a lane fences every earlier owner of it: what they have not stored by then is never stored by them. */
  claim(lane: Lane, signal: AbortSignal): Promise<Claim>;
}

export interface Claim extends AsyncDisposable {
  /** The position stored with the last delivery; null: this sink keeps no positions and the source's ledger counts. */
  readonly position: number | null;
  /** The state as of `position`, each key at most once; read to its end before anything is delivered. */
  restore(): AsyncIterable<StateChange>;
  /**
   * Stores a delivery whole, or rejects. It may be called again before an earlier call has resolved: deliveries are stored and
   * answered in the order of the calls, and after a rejection nothing handed over later is stored. A claim that rejected once is
   * spent: the engine drops it, waits, and claims anew; the new claim's position tells what was stored.
   */
  deliver(delivery: Delivery, bury: Bury, signal: AbortSignal): Promise<void>;
}
