import { messageOf } from '@penstock/kernel';
import { Ledger } from '../ledger.ts';
import type { PumpLimits, PumpOptions } from '../options.ts';
import { runPump } from '../pump.ts';
import { createCountingStage, origin } from './counting-stage.ts';
import { createDeadLetters, MemorySink } from './memory-sink.ts';
import { MemorySource } from './memory-source.ts';
import { Process } from './process.ts';
import { createScenario, type Fault, lanes, startMs } from './scenario.ts';
import type { Totals } from './totals.ts';
import { World } from './world.ts';

const limits: PumpLimits = {
  deliveriesInFlightMax: 4,
  bytesInFlightMax: 600,
  tickMs: 40,
  backoff: { firstMs: 5, maxMs: 60, stableMs: 200 },
  fencedMs: 250,
};
const sessionMs = 120;
const restartMs = 30;
const deadlineMs = startMs + 600_000;

export interface SimulationReport {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly totals: Totals;
}

interface Member {
  readonly process: Process;
  readonly source: MemorySource;
  readonly ledger: Ledger;
  readonly drain: AbortController;
  readonly ended: Promise<void>;
  readonly lanes: Set<string>;
}

/** Runs the real pump in several simulated processes against one world until all rows are settled, whatever happens. */
export async function simulate(seed: number): Promise<SimulationReport> {
  const world = new World(createScenario(seed));
  const cluster = new Cluster(world);
  for (const fault of world.scenario.faults) void world.clock.sleep(fault.atMs - startMs).then(() => cluster.strike(fault));
  const calm = startMs + Math.max(...world.scenario.faults.map(({ atMs, forMs }) => atMs + forMs - startMs)) + 2 * sessionMs;
  const finished = await world.clock.run(() => world.clock.nowMs() > calm && world.finished(), deadlineMs);
  if (!finished) world.judge.claim('the run never came to its end: a lane is stuck');
  await cluster.drain();
  world.judge.ended(world.stores);
  return { seed, violations: world.judge.violations, totals: world.totals };
}

/** The processes and the coordinator that gives them their lanes. */
class Cluster {
  readonly #world: World;
  readonly #members: Member[] = [];
  #started = 0;

  constructor(world: World) {
    this.#world = world;
    this.#start();
    this.#start();
    lanes.forEach((lane, index) => this.#assign(lane, this.#members[index % 2] as Member));
  }

  #start(): Member {
    const world = this.#world;
    this.#started += 1;
    const process = new Process(`process-${this.#started}`);
    const source = new MemorySource(world, process);
    const ledger = new Ledger();
    const clock = process.clock(world.clock);
    const options: PumpOptions = {
      source,
      sink: new MemorySink(world, process, limits),
      stage: createCountingStage(world.scenario, clock),
      dead: createDeadLetters(world, process),
      origin,
      clock,
      random: world.random,
      limits,
      ledger,
      events: { settled: () => this.#audit(process, ledger) },
    };
    const drain = new AbortController();
    const ended = runPump(options, drain.signal).catch((thrown: unknown) => {
      world.judge.claim(`${process.name} died of ${messageOf(thrown)}`);
    });
    const member = { process, source, ledger, drain, ended, lanes: new Set<string>() };
    this.#members.push(member);
    return member;
  }

  /** Invariant 2, at every settlement. */
  #audit(process: Process, ledger: Ledger): void {
    if (!ledger.balances()) this.#world.judge.claim(`${process.name}: the ledger does not balance`);
  }

  #assign(lane: string, member: Member): void {
    member.lanes.add(lane);
    member.source.assign(lane);
  }

  async strike(fault: Fault): Promise<void> {
    const clock = this.#world.clock;
    if (fault.kind === 'crash') return this.#crash(this.#pick(fault));
    if (fault.kind === 'zombie') return this.#freeze(this.#pick(fault), fault.forMs);
    if (fault.kind === 'revocation') return this.#revoke(lanes[Math.floor(fault.pick * lanes.length)] as string);
    const weather = ({ slow: 'slow', failing: 'failing', 'source-failing': 'sourceFailing' } as const)[fault.kind];
    this.#world[weather] = true;
    await clock.sleep(fault.forMs);
    this.#world[weather] = false;
  }

  #pick({ pick }: Fault): Member {
    const running = this.#members.filter(({ process }) => process.alive);
    return running[Math.floor(pick * running.length)] as Member;
  }

  async #crash(member: Member): Promise<void> {
    if (member.ledger.read().inFlight > 0) this.#world.totals.crashesInFlight += 1;
    member.process.kill();
    await this.#world.clock.sleep(restartMs);
    const successor = this.#start();
    await this.#world.clock.sleep(sessionMs);
    for (const lane of member.lanes) this.#assign(lane, successor);
    member.lanes.clear();
  }

  /** Stops a process for longer than its session, or for less; the lanes go to others, and it wakes believing it owns them. */
  async #freeze(member: Member, forMs: number): Promise<void> {
    member.process.freeze();
    await this.#world.clock.sleep(Math.min(forMs, sessionMs));
    const lost = forMs > sessionMs && member.process.alive ? [...member.lanes] : [];
    for (const lane of lost) this.#move(lane, member);
    await this.#world.clock.sleep(forMs - sessionMs);
    member.process.thaw();
    await this.#world.clock.sleep(40); // until its next heartbeat tells it
    for (const lane of lost) if (!member.lanes.has(lane)) member.source.revoke(lane);
  }

  async #revoke(lane: string): Promise<void> {
    const owner = this.#members.find((member) => member.process.alive && member.lanes.has(lane));
    if (owner === undefined) return;
    this.#world.totals.revocations += 1;
    owner.source.revoke(lane);
    this.#move(lane, owner);
  }

  #move(lane: string, from: Member): void {
    from.lanes.delete(lane);
    const others = this.#members.filter((member) => member !== from && member.process.alive);
    const next = others[Math.floor(this.#world.random() * others.length)] ?? this.#start();
    this.#assign(lane, next);
  }

  /** Every process that still lives must come to its end in good order. */
  async drain(): Promise<void> {
    const living = this.#members.filter(({ process }) => process.alive);
    for (const { process, drain } of living) {
      process.thaw();
      drain.abort();
    }
    let over = false;
    void Promise.all(living.map(({ ended }) => ended)).then(() => {
      over = true;
    });
    if (!(await this.#world.clock.run(() => over, deadlineMs * 2))) this.#world.judge.claim('a drain never ended');
  }
}
