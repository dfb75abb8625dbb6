import type { Clock, Problem, Random } from '@penstock/kernel';
import type { BackoffLimits } from './backoff.ts';
import type { Batch, Lane } from './batch.ts';
import type { DeadLetterOrigin } from './dead-letter.ts';
import type { Delivery, Output } from './delivery.ts';
import type { Sink, Source } from './ends.ts';
import type { Ledger } from './ledger.ts';
import type { Stage } from './stage.ts';

/** Where dead letters go that a sink does not store itself. */
export interface DeadLetters {
  /** Resolves when all of them are durable. */
  bury(letters: readonly Output[]): Promise<void>;
}

export interface PumpLimits {
  readonly deliveriesInFlightMax: number;
  /** At least one batch is always let in, whatever its size. */
  readonly bytesInFlightMax: number;
  readonly tickMs: number;
  readonly backoff: BackoffLimits;
  /** How long a fenced lane waits for its revocation before it claims again: longer than the group's session time-out. */
  readonly fencedMs: number;
}

export const pumpLimits: PumpLimits = {
  deliveriesInFlightMax: 16,
  bytesInFlightMax: 16_777_216,
  tickMs: 1_000,
  backoff: { firstMs: 100, maxMs: 30_000, stableMs: 60_000 },
  fencedMs: 15_000,
};

/** What happens, told as it happens; nothing waits for the listener. */
export interface PumpEvents {
  claimed?(lane: Lane, position: number | null): void;
  settled?(delivery: Delivery, tookMs: number, batch: Batch | null): void;
  /** The lane met a problem and is claimed anew after the wait. */
  waiting?(lane: Lane, problem: Problem, waitMs: number): void;
  released?(lane: Lane): void;
}

export interface PumpOptions {
  readonly source: Source;
  readonly sink: Sink;
  readonly stage: Stage;
  readonly dead: DeadLetters | null;
  readonly origin: DeadLetterOrigin;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: PumpLimits;
  readonly ledger: Ledger;
  readonly events?: PumpEvents;
}
