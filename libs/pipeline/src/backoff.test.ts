import { expect, test } from '@jest/globals';
import { Backoff } from './backoff.ts';

const limits = { firstMs: 100, maxMs: 1_000, stableMs: 5_000 };

test('waits double up to the cap', () => {
  const backoff = new Backoff(limits, () => 1);
  expect([0, 1, 2, 3, 4, 5].map((nowMs) => backoff.afterFailure(nowMs))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test('jitter is full: anything from nothing to the ceiling', () => {
  expect(new Backoff(limits, () => 0).afterFailure(0)).toBe(0);
  expect(new Backoff(limits, () => 0.5).afterFailure(0)).toBe(50);
});

test('only a stable stretch after the wait starts over', () => {
  const backoff = new Backoff(limits, () => 1);
  backoff.afterFailure(0); // waits until 100
  expect(backoff.afterFailure(5_100)).toBe(200); // exactly stableMs later is not longer than it
  expect(backoff.afterFailure(5_300 + 5_001)).toBe(100);
});
