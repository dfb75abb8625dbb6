import { expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { TokenBuckets } from './token-buckets.ts';

function virtualClock(): Clock & { nowAtMs: number } {
  return {
    nowAtMs: 0,
    nowMs() {
      return this.nowAtMs;
    },
    sleep: async () => undefined,
  };
}

const rate = { perSecond: 2, burst: 2 };

test('what is taken flows back with time', () => {
  const clock = virtualClock();
  const buckets = new TokenBuckets(clock);
  expect([1, 2, 3].map(() => buckets.take('ada', rate))).toEqual([0, 0, 500]);
  clock.nowAtMs += 499;
  expect(buckets.take('ada', rate)).toBeGreaterThan(0);
  clock.nowAtMs += 1;
  expect(buckets.take('ada', rate)).toBe(0);
  clock.nowAtMs += 60_000;
  expect([1, 2, 3].map(() => buckets.take('ada', rate))).toEqual([0, 0, 500]);
});

test('each name has a bucket of its own', () => {
  const buckets = new TokenBuckets(virtualClock());
  expect(['ada', 'ada', 'ada', 'bob'].map((name) => buckets.take(name, rate))).toEqual([0, 0, 500, 0]);
});

test('a clock that is set back gives nothing and takes nothing', () => {
  const clock = virtualClock();
  const buckets = new TokenBuckets(clock);
  clock.nowAtMs = 10_000;
  buckets.take('ada', rate);
  clock.nowAtMs = 0;
  expect([1, 2].map(() => buckets.take('ada', rate))).toEqual([0, 500]);
});

test('the table is bounded: the names that were away longest are forgotten', () => {
  const buckets = new TokenBuckets(virtualClock(), 100);
  for (let each = 0; each < 1_000; each += 1) buckets.take(`peer-${each}`, rate);
  expect(buckets.size).toBe(100);
});
