import { expect, test } from '@jest/globals';
import { Histogram } from './histogram.ts';

test('quantiles are right to five percent over six decades', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100_000; value += 1) histogram.add(value);
  for (const fraction of [0.01, 0.5, 0.99]) {
    const expected = fraction * 100_000;
    expect(Math.abs((histogram.quantile(fraction) as number) - expected) / expected).toBeLessThan(0.055);
  }
});

test('nothing has no quantile, less than a millisecond is half of one, and the endless lands in the last bucket', () => {
  const histogram = new Histogram();
  expect(histogram.quantile(0.5)).toBeNull();
  histogram.add(0.01);
  expect(histogram.quantile(0.5)).toBe(0.5);
  histogram.add(Number.MAX_SAFE_INTEGER, 9);
  expect(histogram.quantile(0.99)).toBeGreaterThan(1e8);
});
