import { type Clock, messageOf, Problem } from '@penstock/kernel';
import { type Batch, type Delivery, type Lane, Ledger, type LedgerReading, type PumpEvents, totalOf } from '@penstock/pipeline';
import { Histogram } from './histogram.ts';

export type StageState = 'starting' | 'flowing' | 'waiting' | 'stopped';

/** What a stage shows of itself. */
export interface StageReading {
  readonly stage: string;
  readonly state: StageState;
  /** What it waits for, while it waits, or why it stopped. */
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly lastProgressAtMs: number | null;
  readonly ledger: LedgerReading;
  readonly balances: boolean;
  /** Where each claimed lane stands. */
  readonly positions: ReadonlyMap<Lane, number>;
  /** Records stored in the input and not settled yet, by lane; empty where nobody can know. */
  readonly lag: ReadonlyMap<Lane, number>;
  /** Rejected rows, by code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** From arrival in the lane to stored, in milliseconds. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly retries: number;
}

export interface Settled {
  readonly delivery: Delivery;
  readonly batch: Batch | null;
  readonly tookMs: number;
  /** Between arrival of its first row and now; null for a tick. */
  readonly latencyMs: number | null;
}

/** Listens to one pump and knows how it is. */
export class StageStatus {
  readonly ledger = new Ledger();
  readonly events: PumpEvents;
  /** Told of every settled delivery, for telemetry. */
  onSettled: ((settled: Settled) => void) | null = null;
  readonly #stage: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<Lane, Problem>();
  readonly #flowing = new Set<Lane>();
  readonly #positions = new Map<Lane, number>();
  readonly #rejected = new Map<string, number>();
  readonly #latencies = new Histogram();
  #lag: ReadonlyMap<Lane, number> = new Map();
  #lastProgressAtMs: number | null = null;
  #retries = 0;
  #stopped = false;
  #failure: { readonly code: string; readonly message: string } | null = null;

  constructor(stage: string, clock: Clock) {
    this.#stage = stage;
    this.#clock = clock;
    this.events = {
      claimed: (lane, position) => this.#claimed(lane, position),
      settled: (delivery, tookMs, batch) => this.#settled(delivery, tookMs, batch),
      waiting: (lane, problem) => this.#waits(lane, problem),
      released: (lane) => this.#released(lane),
    };
  }

  #claimed(lane: Lane, position: number | null): void {
    this.#flowing.add(lane);
    this.#waiting.delete('*');
    this.#waiting.delete(lane);
    if (position !== null) this.#positions.set(lane, position);
  }

  #settled(delivery: Delivery, tookMs: number, batch: Batch | null): void {
    const nowMs = this.#clock.nowMs();
    this.#lastProgressAtMs = nowMs;
    this.#waiting.delete(delivery.lane);
    this.#positions.set(delivery.lane, delivery.to);
    for (const { problem } of delivery.refusals) this.#rejected.set(problem.code, (this.#rejected.get(problem.code) ?? 0) + 1);
    const rows = totalOf(delivery.fates);
    const latencyMs = batch === null || rows === 0 ? null : Math.max(0, nowMs - batch.arrivedAtMs(0));
    if (latencyMs !== null) this.#latencies.add(latencyMs, rows);
    this.onSettled?.({ delivery, batch, tookMs, latencyMs });
  }

  #waits(lane: Lane, problem: Problem): void {
    this.#retries += 1;
    this.#waiting.set(lane, problem);
    this.#flowing.delete(lane);
  }

  #released(lane: Lane): void {
    this.#flowing.delete(lane);
    this.#waiting.delete(lane);
    this.#positions.delete(lane);
  }

  /** What the input's ends say, as of now. */
  measured(lag: ReadonlyMap<Lane, number>): void {
    this.#lag = lag;
  }

  failed(thrown: unknown): void {
    this.#failure = { code: thrown instanceof Problem ? thrown.code : 'defect', message: messageOf(thrown) };
  }

  stopped(): void {
    this.#stopped = true;
  }

  get positions(): ReadonlyMap<Lane, number> {
    return this.#positions;
  }

  read(): StageReading {
    return {
      stage: this.#stage,
      state: this.#state(),
      problem: this.#problem(),
      lastProgressAtMs: this.#lastProgressAtMs,
      ledger: this.ledger.read(),
      balances: this.ledger.balances(),
      positions: new Map(this.#positions),
      lag: this.#lag,
      rejected: Object.fromEntries(this.#rejected),
      latencyMs: { p50: this.#latencies.quantile(0.5), p99: this.#latencies.quantile(0.99) },
      retries: this.#retries,
    };
  }

  #problem(): StageReading['problem'] {
    const waitsFor = this.#waiting.values().next().value;
    return waitsFor === undefined ? this.#failure : { code: waitsFor.code, message: waitsFor.message };
  }

  #state(): StageState {
    if (this.#stopped) return 'stopped';
    if (this.#waiting.size > 0) return 'waiting';
    return this.#flowing.size > 0 ? 'flowing' : 'starting';
  }
}
