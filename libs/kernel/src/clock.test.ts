import { expect, test } from '@jest/globals';
import { systemClock } from './clock.ts';

test('a sleep ends early when its signal aborts, and at once when it has aborted', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(600_000, stop.signal);
  stop.abort();
  await sleeping;
  await systemClock.sleep(600_000, stop.signal);
});

test('a sleep lasts at least its time', async () => {
  const before = performance.now();
  await systemClock.sleep(20);
  expect(performance.now() - before).toBeGreaterThanOrEqual(19);
});
