import { expect, test } from '@jest/globals';
import { Bell } from './bell.ts';

test('a ring before the wait is not lost', async () => {
  const bell = new Bell();
  bell.ring();
  await bell.wait();
});

test('a wait ends at the next ring, and one ring ends one wait', async () => {
  const bell = new Bell();
  let waits = 0;
  const loop = (async () => {
    for (; waits < 2; waits += 1) await bell.wait();
  })();
  bell.ring();
  await new Promise((resolve) => setImmediate(resolve));
  expect(waits).toBe(1);
  bell.ring();
  await loop;
  expect(waits).toBe(2);
});
