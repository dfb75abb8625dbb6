import { describe, expect, test } from '@jest/globals';
import type { Random } from '@penstock/kernel';
import { seeded } from '@penstock/testing';
import { Window } from './window.ts';

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
/** As `expect`, for a million times. */
function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

const limits = { rows: 16, bytes: 1_000 };

interface Sent {
  readonly message: number;
  readonly packetId: number;
}

/**
 * A broker by the book: it knows which message it last sent under which packet id, reuses ids at once, forgets a message when
 * its id is acknowledged, and sends the rest again on the next connection, under other ids and in the order of its queue.
 */
class BookBroker {
  readonly #queue: number[] = [];
  #inFlight: Sent[] = [];
  #made = 0;

  publish(): void {
    this.#made += 1;
    this.#queue.push(this.#made);
  }

  send(random: Random): Sent | null {
    const message = this.#queue.shift();
    if (message === undefined) return null;
    const used = new Set(this.#inFlight.map(({ packetId }) => packetId));
    let packetId = 1 + below(random, 3); // few ids, so that stale ones collide
    while (used.has(packetId)) packetId += 1;
    const sent = { message, packetId };
    this.#inFlight.push(sent);
    return sent;
  }

  retransmit(random: Random): Sent | null {
    return this.#inFlight[below(random, this.#inFlight.length)] ?? null;
  }

  /** The message that this acknowledgement makes it forget: always the oldest, because they come in the order of receipt. */
  acknowledge(packetId: number): number {
    const [oldest] = this.#inFlight.splice(0, 1);
    hold(oldest?.packetId === packetId, `packet id ${packetId} is acknowledged out of order`);
    return (oldest as Sent).message;
  }

  reconnect(): void {
    this.#queue.unshift(...this.#inFlight.map(({ message }) => message));
    this.#inFlight = [];
  }

  get kept(): number[] {
    return [...this.#inFlight.map(({ message }) => message), ...this.#queue];
  }

  get made(): number {
    return this.#made;
  }
}

interface Run {
  readonly broker: BookBroker;
  readonly window: Window<number>;
  /** In the order of their first settlement. */
  readonly settled: Set<number>;
  counts: { retransmitted: number; reconnected: number; acknowledged: number; stale: number };
}

function receive(run: Run, random: Random): void {
  if (!run.window.hasRoom()) return;
  const sent = run.broker.send(random);
  if (sent === null) return;
  hold(run.window.receive(sent.message, { packetId: sent.packetId, bytes: 10 }), `message ${sent.message} was left out`);
}

function retransmit(run: Run, random: Random): void {
  const sent = run.broker.retransmit(random);
  if (sent === null) return;
  run.counts.retransmitted += 1;
  hold(!run.window.receive(sent.message, { packetId: sent.packetId, bytes: 10 }), `message ${sent.message} is held twice`);
}

function settle(run: Run, random: Random): void {
  const { window, broker, settled, counts } = run;
  const to = window.first + below(random, window.rows + 1);
  const rows = window.read(window.first, to - window.first);
  for (const message of rows) settled.add(message);
  const packetIds = window.settle(to);
  counts.stale += rows.length - packetIds.length;
  for (const packetId of packetIds) {
    counts.acknowledged += 1;
    hold(settled.has(broker.acknowledge(packetId)), `packet id ${packetId} is acknowledged and its message is not settled`);
  }
}

function reconnect(run: Run): void {
  run.counts.reconnected += 1;
  run.window.disconnect();
  run.broker.reconnect();
}

test(
  'in any order of receipts, settlements and reconnections nothing is acknowledged that is not settled, and nothing is lost',
  seeded((random) => {
    const totals = { retransmitted: 0, reconnected: 0, acknowledged: 0, stale: 0 };
    for (let round = 0; round < 300; round += 1) {
      const run: Run = { broker: new BookBroker(), window: new Window(limits, 0), settled: new Set(), counts: totals };
      for (let step = 0; step < 200; step += 1) {
        const draw = random();
        if (draw < 0.3) run.broker.publish();
        else if (draw < 0.65) receive(run, random);
        else if (draw < 0.7) retransmit(run, random);
        else if (draw < 0.95) settle(run, random);
        else reconnect(run);
        hold(run.window.rows <= limits.rows, `${run.window.rows} rows are held`);
        hold(run.window.bytes === run.window.rows * 10, `${run.window.bytes} bytes of ${run.window.rows} rows`);
        hold(run.window.unacknowledged <= run.window.rows, 'more is unacknowledged than held');
      }
      const known = new Set([...run.settled, ...run.broker.kept]);
      expect(known.size).toBe(run.broker.made);
      const firstTimes = [...run.settled];
      expect(firstTimes).toEqual([...firstTimes].sort((left, right) => left - right));
    }
    for (const count of Object.values(totals)) expect(count).toBeGreaterThan(0);
  }),
);

describe('the window', () => {
  test('QoS 0 has nothing to acknowledge and counts as held', () => {
    const window = new Window<string>(limits, 5);
    window.receive('a', { packetId: 0, bytes: 1 });
    window.receive('b', { packetId: 7, bytes: 1 });
    expect(window.read(5, 10)).toEqual(['a', 'b']);
    expect(window.settle(6)).toEqual([]);
    expect(window.settle(7)).toEqual([7]);
    expect(window.settle(7)).toEqual([]);
  });

  test('is full by rows or by bytes, but always takes one', () => {
    const window = new Window<string>({ rows: 2, bytes: 100 }, 0);
    expect(window.hasRoom()).toBe(true);
    window.receive('huge', { packetId: 1, bytes: 5_000 });
    expect(window.hasRoom()).toBe(false);
    window.settle(1);
    window.receive('a', { packetId: 1, bytes: 1 });
    window.receive('b', { packetId: 2, bytes: 1 });
    expect(window.hasRoom()).toBe(false);
  });

  test('positions only grow, and nothing is settled that was not received', () => {
    const window = new Window<string>(limits, 10);
    window.receive('a', { packetId: 1, bytes: 1 });
    window.rebase(50);
    expect(window.read(50, 1)).toEqual(['a']);
    expect(() => window.rebase(49)).toThrow('positions only grow');
    expect(() => window.settle(52)).toThrow('received to 51');
  });
});
