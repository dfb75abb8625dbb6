import { expect, test } from '@jest/globals';
import { createRandom } from './random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
};

test('the same seed gives the same numbers, another seed gives others', () => {
  expect(draw(42, 5)).toEqual(draw(42, 5));
  expect(draw(42, 5)).not.toEqual(draw(43, 5));
});

test('numbers lie in [0, 1) and fill it evenly', () => {
  const buckets = new Array<number>(10).fill(0);
  for (const number of draw(1, 10_000)) buckets[Math.floor(number * 10)] = (buckets[Math.floor(number * 10)] ?? 0) + 1;
  for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
