import type { Batch, Header } from '../batch.ts';
import type { Assignment, Source } from '../ends.ts';
import type { Process } from './process.ts';
import type { Row } from './scenario.ts';
import { unreachable, type World } from './world.ts';

const utf8 = new TextEncoder();
const header: Header = ['origin', utf8.encode('simulation')];
const batchRowsMax = 8;
const pollMs = 10;

/** Lanes of a log in another process, handed out by a coordinator. */
export class MemorySource implements Source {
  readonly #world: World;
  readonly #process: Process;
  readonly #waiting: MemoryAssignment[] = [];
  readonly #held = new Map<string, MemoryAssignment>();

  constructor(world: World, process: Process) {
    this.#world = world;
    this.#process = process;
  }

  assign(lane: string): void {
    const assignment = new MemoryAssignment(this.#world, this.#process, lane);
    this.#held.set(lane, assignment);
    this.#waiting.push(assignment);
  }

  /** A frozen or cut-off process hears of it later than the others. */
  revoke(lane: string): void {
    this.#held.get(lane)?.revoke();
    this.#held.delete(lane);
  }

  revokeAll(): void {
    for (const lane of [...this.#held.keys()]) this.revoke(lane);
  }

  async *assignments(signal: AbortSignal): AsyncIterable<Assignment> {
    while (!signal.aborted) {
      const assignment = this.#waiting.shift();
      if (assignment !== undefined) yield assignment;
      else await this.#process.cross(() => this.#world.clock.sleep(pollMs, signal));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class MemoryAssignment implements Assignment {
  readonly lane: string;
  readonly #world: World;
  readonly #process: Process;
  readonly #revocation = new AbortController();
  #iteration = 0;
  #caughtUpAtMs: number | null = null;

  constructor(world: World, process: Process, lane: string) {
    this.#world = world;
    this.#process = process;
    this.lane = lane;
  }

  get revoked(): AbortSignal {
    return this.#revocation.signal;
  }

  revoke(): void {
    this.#revocation.abort();
  }

  async *batches(from: number | null): AsyncIterable<Batch> {
    this.#iteration += 1;
    const mine = this.#iteration;
    let position = from ?? (this.#world.settled.get(this.lane) as number);
    while (mine === this.#iteration && !this.revoked.aborted) {
      const rows = await this.#process.cross(() => this.#fetch(position));
      if (rows.length === 0) continue;
      position = (rows.at(-1) as Row).position + 1;
      yield createBatch(this.lane, rows);
    }
  }

  async #fetch(position: number): Promise<Row[]> {
    const world = this.#world;
    await world.clock.sleep(1 + world.random() * 4);
    if (world.sourceFailing && world.random() < 0.3) {
      world.totals.sourceFailures += 1;
      throw unreachable('fetch: no answer');
    }
    const nowMs = world.clock.nowMs();
    const waiting = world.judge.rows(this.lane).filter((row) => row.position >= position && row.arrivesAtMs <= nowMs);
    const rows = waiting.slice(0, 1 + Math.floor(world.random() * batchRowsMax));
    this.#caughtUpAtMs = rows.length === waiting.length ? nowMs : null;
    if (rows.length === 0) await world.clock.sleep(pollMs);
    const furthest = world.furthest.get(this.lane) as number;
    world.totals.redelivered += rows.filter((row) => row.position < furthest).length;
    world.furthest.set(this.lane, Math.max(furthest, (rows.at(-1)?.position ?? -1) + 1));
    return rows;
  }

  settle(to: number): void {
    if (!this.#process.alive || this.#world.scenario.flavour === 'ledger') return;
    const before = this.#world.settled.get(this.lane) as number;
    if (to <= before) return; // a zombie acknowledges what another has acknowledged long since
    this.#world.settled.set(this.lane, to);
    this.#world.judge.moved(this.lane, this.#world.store(this.lane), { before, to });
  }

  caughtUpAtMs(): number | null {
    return this.#caughtUpAtMs;
  }
}

function createBatch(lane: string, rows: readonly Row[]): Batch {
  const row = (index: number): Row => rows[index] as Row;
  return {
    lane,
    from: row(0).position,
    to: row(rows.length - 1).position + 1,
    length: rows.length,
    bytes: rows.length * 20,
    key: (index) => utf8.encode(row(index).device),
    payload: (index) => utf8.encode(`${row(index).device} ${row(index).sequence} ${row(index).kind}`),
    headers: () => [header],
    position: (index) => row(index).position,
    arrivedAtMs: (index) => row(index).arrivesAtMs,
  };
}
