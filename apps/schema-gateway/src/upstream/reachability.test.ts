import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { Reachability } from './reachability.ts';

let closing: AbortController;
let isThere = true;
let probes = 0;
let sleeps: number[] = [];
let told: string[] = [];
let wake = (): void => undefined;
/** Sleeps last until they are woken; waits are noted. */
const clock: Clock = {
  nowMs: () => 0,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      sleeps.push(ms);
      wake = resolve;
      signal?.addEventListener('abort', () => resolve(), { once: true });
      if (signal?.aborted === true) resolve();
    }),
};
let reachability: Reachability;
beforeEach(async () => {
  closing = new AbortController();
  [isThere, probes, sleeps, told] = [true, 0, [], []];
  reachability = new Reachability({
    clock,
    random: () => 1,
    signal: closing.signal,
    async probe() {
      probes += 1;
      if (!isThere) throw new Error('refused');
    },
    changed: (isReached, reason) => told.push(isReached ? 'reached' : reason),
  });
  await slept(1);
});
afterEach(async () => {
  closing.abort();
  await reachability[Symbol.asyncDispose]();
});

function slept(times: number): Promise<boolean> {
  return until(() => sleeps.length >= times, { deadlineMs: 1_000, what: `${times} waits` });
}

test('while it is away it is probed once at a time, with growing waits, until it is back', async () => {
  isThere = false;
  reachability.lost('refused');
  expect(reachability.isAway).toBe(true);
  for (let times = 2; times < 8; times++) {
    await slept(times);
    wake();
  }
  await slept(8);
  expect(sleeps.slice(1)).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  expect(told).toEqual(['refused']);
  isThere = true;
  wake();
  await until(() => !reachability.isAway, { deadlineMs: 1_000, what: 'it to be back' });
  expect(told).toEqual(['refused', 'reached']);
});

test('a call without an answer makes it look at once, and is not yet an outage', async () => {
  const before = probes;
  reachability.suspect();
  expect(reachability.isAway).toBe(false);
  await slept(2);
  expect(probes).toBe(before + 1);
  expect(told).toEqual([]);
  isThere = false;
  reachability.suspect();
  await until(() => reachability.isAway, { deadlineMs: 1_000, what: 'the outage' });
});
