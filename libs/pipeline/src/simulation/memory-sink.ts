import type { Delivery, Output, StateChange } from '../delivery.ts';
import type { Bury, Claim, RefusedOutput, Sink } from '../ends.ts';
import type { DeadLetters } from '../options.ts';
import { fenced } from '../problems.ts';
import type { Process } from './process.ts';
import { tooLarge, unreachable, type World } from './world.ts';

const text = new TextDecoder();

/** Outputs that this sink never takes are marked in their last word. */
function isRefused(output: Output): boolean {
  return output.route === 'main' && text.decode(output.payload as Uint8Array).endsWith('!');
}

export interface MemorySinkLimits {
  readonly deliveriesInFlightMax: number;
}

/** A store of another process, behind a network: keeps positions and state in one atomic step, fences by epoch. */
export class MemorySink implements Sink {
  readonly #world: World;
  readonly #process: Process;
  readonly #limits: MemorySinkLimits;

  constructor(world: World, process: Process, limits: MemorySinkLimits) {
    this.#world = world;
    this.#process = process;
    this.#limits = limits;
  }

  stores(route: string): boolean {
    return route !== 'dead' || this.#world.scenario.sinkStoresDead;
  }

  claim(lane: string): Promise<Claim> {
    return this.#process.cross(async () => {
      await this.#world.call(`claim ${lane}`);
      const store = this.#world.store(lane);
      store.epoch += 1;
      return new MemoryClaim(this.#world, this.#process, { lane, epoch: store.epoch, ...this.#limits });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class MemoryClaim implements Claim {
  readonly position: number | null;
  readonly #world: World;
  readonly #process: Process;
  readonly #own: { readonly lane: string; readonly epoch: number } & MemorySinkLimits;
  readonly #restored: readonly StateChange[];
  #queue: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #spent = false;

  constructor(world: World, process: Process, own: { lane: string; epoch: number } & MemorySinkLimits) {
    this.#world = world;
    this.#process = process;
    this.#own = own;
    const store = world.store(own.lane);
    this.position = world.scenario.flavour === 'ledger' ? store.position : null;
    this.#restored = [...store.state.values()];
  }

  async *restore(): AsyncIterable<StateChange> {
    await this.#process.cross(() => this.#world.call('restore'));
    for (const change of this.#restored) yield change;
  }

  async deliver(delivery: Delivery, bury: Bury): Promise<void> {
    this.#pending += 1;
    if (this.#pending > this.#own.deliveriesInFlightMax)
      this.#world.judge.claim(`${this.#own.lane}: ${this.#pending} deliveries in flight`);
    const answer = this.#queue.then(() => this.#process.cross(() => this.#store(delivery, bury)));
    this.#queue = answer.catch(() => undefined);
    await answer.finally(() => {
      this.#pending -= 1;
    });
  }

  async #store(delivery: Delivery, bury: Bury): Promise<void> {
    if (this.#spent) throw unreachable('the connection is gone');
    try {
      await this.#world.call('deliver');
      await this.#apply(delivery, bury);
      if (this.#world.failing && this.#world.random() < 0.5) {
        this.#world.totals.ambiguousCommits += 1;
        throw unreachable('stored, but the answer was lost');
      }
    } catch (thrown) {
      this.#spent = true;
      throw thrown;
    }
  }

  async #apply(delivery: Delivery, bury: Bury): Promise<void> {
    const store = this.#world.store(delivery.lane);
    const refused = delivery.outputs.flatMap((output, index): RefusedOutput[] =>
      isRefused(output) ? [{ output: index, problem: tooLarge(`${output.id} is too large`) }] : [],
    );
    if (refused.length > 0) {
      this.#world.totals.refusedOutputs += refused.length;
      await bury(refused);
    }
    this.#fence(store.epoch, delivery);
    const before = store.position;
    const refusedIndexes = new Set(refused.map(({ output }) => output));
    delivery.outputs.forEach((output, index) => {
      if (!refusedIndexes.has(index)) (output.route === 'dead' ? store.dead : store.outputs).push(output);
    });
    for (const change of delivery.changes) store.state.set(text.decode(change.key), change);
    store.position = Math.max(before, delivery.to);
    if (this.position !== null) this.#world.judge.moved(delivery.lane, store, { before, to: delivery.to });
    if (delivery.from === delivery.to) this.#world.totals.ticks += 1;
  }

  #fence(epoch: number, delivery: Delivery): void {
    if (epoch === this.#own.epoch) return;
    this.#world.totals.fencedZombies += 1;
    throw fenced(`${delivery.lane} is at epoch ${epoch}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#spent = true;
    await this.#process.runs();
  }
}

/** Dead letters over the network, at least once. */
export function createDeadLetters(world: World, process: Process): DeadLetters {
  return {
    bury: (letters) =>
      process.cross(async () => {
        await world.call('bury');
        for (const letter of letters) world.store(laneOf(letter)).dead.push(letter);
      }),
  };
}

function laneOf(letter: Output): string {
  const lane = letter.headers.find(([name]) => name === 'penstock_lane')?.[1];
  return text.decode(lane ?? new Uint8Array());
}
