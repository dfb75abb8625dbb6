import { expect, test } from '@jest/globals';
import { systemClock } from '@penstock/kernel';
import { Health } from '@penstock/service';
import { until } from '@penstock/testing';
import { readingHealth, watchReading } from './watch-reading.ts';

test('a gateway that reads no more says so within a second, and says when it reads again', async () => {
  const health = new Health();
  health.set('', true);
  const log = { answeredMs: systemClock.nowMs() };
  using watching = watchReading({ health, clock: systemClock }, log);
  expect(health.isServing(readingHealth)).toBe(true);
  await until(() => !health.isServing(readingHealth), { deadlineMs: 1_000, what: 'silence to be told' });
  expect(health.isServing('')).toBe(true);
  log.answeredMs = systemClock.nowMs();
  await until(() => health.isServing(readingHealth), { deadlineMs: 1_000, what: 'an answer to be told' });
  watching[Symbol.dispose]();
  expect(health.isServing(readingHealth)).toBe(false);
});
