import { defineProblem, type Random } from '@penstock/kernel';
import { Judge, type Stored } from './judge.ts';
import { lanes, type Scenario, startMs } from './scenario.ts';
import { createTotals } from './totals.ts';
import { VirtualClock } from './virtual-clock.ts';

export const unreachable = defineProblem({ code: 'simulation.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
export const tooLarge = defineProblem({ code: 'simulation.too-large', status: 'INVALID_ARGUMENT', remedy: 'reject' });
export const malformed = defineProblem({ code: 'simulation.malformed', status: 'INVALID_ARGUMENT', remedy: 'reject' });

/** Everything outside the processes: the log, the stores, the weather. It outlives them all. */
export class World {
  readonly scenario: Scenario;
  readonly clock = new VirtualClock(startMs);
  readonly random: Random;
  readonly judge: Judge;
  readonly totals = createTotals();
  readonly stores = new Map<string, Stored>();
  /** The source's own ledger: what was acknowledged, by lane. */
  readonly settled = new Map<string, number>();
  /** The furthest that anybody has read, by lane. */
  readonly furthest = new Map<string, number>();
  slow = false;
  failing = false;
  sourceFailing = false;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.random = scenario.random;
    this.judge = new Judge(scenario);
    this.totals.rows = scenario.rows.length;
    for (const lane of lanes) {
      this.stores.set(lane, { epoch: 0, position: 0, outputs: [], dead: [], state: new Map() });
      this.settled.set(lane, 0);
      this.furthest.set(lane, 0);
    }
  }

  store(lane: string): Stored {
    return this.stores.get(lane) as Stored;
  }

  /** One call over the simulated network and back, which may be slow or fail before anything was done. */
  async call(what: string): Promise<void> {
    if (this.slow) this.totals.slowCalls += 1;
    await this.clock.sleep(1 + this.random() * (this.slow ? 120 : 12));
    if (this.failing && this.random() < 0.5) {
      this.totals.failedCalls += 1;
      throw unreachable(`${what}: no answer`);
    }
  }

  /** True when every row has arrived and its lane has settled beyond it. */
  finished(): boolean {
    return lanes.every((lane) => {
      const last = this.judge.rows(lane).at(-1);
      const reached = this.scenario.flavour === 'ledger' ? this.store(lane).position : (this.settled.get(lane) ?? 0);
      return last === undefined || reached > last.position;
    });
  }
}
