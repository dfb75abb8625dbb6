import type { Clock, Problem } from '@penstock/kernel';
import { type Batch, type Delivery, type Lane, Ledger, type LedgerReading, type PumpEvents, totalOf } from '@penstock/pipeline';
import { Histogram } from './histogram.ts';

export type StageState = 'starting' | 'flowing' | 'waiting' | 'stopped';

/** What a stage shows of itself. */
export interface StageReading {
  readonly stage: string;
  readonly state: StageState;
  /** What it waits for, while it waits. */
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly lastProgressAtMs: number | null;
  readonly ledger: LedgerReading;
  readonly balances: boolean;
  /** Rejected rows, by code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** From arrival in the lane to stored, in milliseconds. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly retries: number;
}

/** Listens to one pump and knows how it is. */
export class StageStatus {
  readonly ledger = new Ledger();
  readonly events: PumpEvents;
  readonly #stage: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<Lane, Problem>();
  readonly #flowing = new Set<Lane>();
  readonly #rejected = new Map<string, number>();
  readonly #latencies = new Histogram();
  #lastProgressAtMs: number | null = null;
  #retries = 0;
  #stopped = false;

  constructor(stage: string, clock: Clock) {
    this.#stage = stage;
    this.#clock = clock;
    this.events = {
      claimed: (lane) => this.#claimed(lane),
      settled: (delivery, _tookMs, batch) => this.#settled(delivery, batch),
      waiting: (lane, problem) => this.#waits(lane, problem),
      released: (lane) => this.#released(lane),
    };
  }

  #claimed(lane: Lane): void {
    this.#flowing.add(lane);
    this.#waiting.delete('*');
  }

  #settled(delivery: Delivery, batch: Batch | null): void {
    const nowMs = this.#clock.nowMs();
    this.#lastProgressAtMs = nowMs;
    this.#waiting.delete(delivery.lane);
    for (const { problem } of delivery.refusals) this.#rejected.set(problem.code, (this.#rejected.get(problem.code) ?? 0) + 1);
    const rows = totalOf(delivery.fates);
    if (batch !== null && rows > 0) this.#latencies.add(Math.max(0, nowMs - batch.arrivedAtMs(0)), rows);
  }

  #waits(lane: Lane, problem: Problem): void {
    this.#retries += 1;
    this.#waiting.set(lane, problem);
    this.#flowing.delete(lane);
  }

  #released(lane: Lane): void {
    this.#flowing.delete(lane);
    this.#waiting.delete(lane);
  }

  stopped(): void {
    this.#stopped = true;
  }

  read(): StageReading {
    const problem = this.#waiting.values().next().value;
    return {
      stage: this.#stage,
      state: this.#state(),
      problem: problem === undefined ? null : { code: problem.code, message: problem.message },
      lastProgressAtMs: this.#lastProgressAtMs,
      ledger: this.ledger.read(),
      balances: this.ledger.balances(),
      rejected: Object.fromEntries(this.#rejected),
      latencyMs: { p50: this.#latencies.quantile(0.5), p99: this.#latencies.quantile(0.99) },
      retries: this.#retries,
    };
  }

  #state(): StageState {
    if (this.#stopped) return 'stopped';
    if (this.#waiting.size > 0) return 'waiting';
    return this.#flowing.size > 0 ? 'flowing' : 'starting';
  }
}
