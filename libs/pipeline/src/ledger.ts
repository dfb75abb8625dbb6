import type { Lane } from './batch.ts';
import { createFateCounts, type Delivery, type Fate, type FateCounts, fates, totalOf } from './delivery.ts';

/** The accounting of one stage, in input rows, since it started (invariant 2). */
export interface LedgerReading {
  readonly consumed: number;
  readonly fates: FateCounts;
  readonly inFlight: number;
  /** Outputs stored, by route. */
  readonly outputs: ReadonlyMap<string, number>;
  /** Where each lane stands. */
  readonly positions: ReadonlyMap<Lane, number>;
}

/**
 * Counts what was consumed when it is read, its fates when it is settled, and asks the lanes for what they hold: three places
 * of the pump that must agree, so that `consumed = the sum of all fates + in flight` is a check and not a definition.
 */
export class Ledger {
  #consumed = 0;
  readonly #fates: Record<Fate, number> = createFateCounts();
  readonly #outputs = new Map<string, number>();
  readonly #positions = new Map<Lane, number>();
  readonly #held = new Map<Lane, () => number>();

  /** A lane begins to flow; `held` tells the rows it has read and not settled. */
  opened(lane: Lane, held: () => number): void {
    this.#held.set(lane, held);
  }

  consumed(rows: number): void {
    this.#consumed += rows;
  }

  settled(delivery: Delivery, counts: FateCounts): void {
    for (const fate of fates) this.#fates[fate] += counts[fate];
    for (const output of delivery.outputs) this.#outputs.set(output.route, (this.#outputs.get(output.route) ?? 0) + 1);
    this.#positions.set(delivery.lane, delivery.to);
  }

  /** A lane was let go: what it held unsettled will be read again, by this process or another. */
  released(lane: Lane): void {
    this.#consumed -= this.#held.get(lane)?.() ?? 0;
    this.#held.delete(lane);
  }

  read(): LedgerReading {
    let inFlight = 0;
    for (const held of this.#held.values()) inFlight += held();
    return {
      consumed: this.#consumed,
      fates: { ...this.#fates },
      inFlight,
      outputs: new Map(this.#outputs),
      positions: new Map(this.#positions),
    };
  }

  /** True when every consumed row has one fate or is in flight. */
  balances(): boolean {
    const reading = this.read();
    return reading.consumed === totalOf(reading.fates) + reading.inFlight;
  }
}
