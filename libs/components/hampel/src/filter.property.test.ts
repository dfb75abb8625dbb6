import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge } from './filter.ts';
import { Trail } from './trail.ts';

function plainMedian(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The identifier as it is written in books. */
function plainJudge(values: readonly number[], value: number, thresholdMad: number): number | null {
  if (values.length < 5) return null;
  const middle = plainMedian(values);
  const scale = 1.4826 * plainMedian(values.map((point) => Math.abs(point - middle)));
  return scale > 0 && Math.abs(value - middle) > thresholdMad * scale ? middle : null;
}

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((each) => each + 0),
);

test('an outlier is what the plain formula says', () => {
  const judged = { outliers: 0, ordinary: 0 };
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 101 }),
      value,
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (values, next, mads) => {
        const trail = Trail.of(values.map((each, index) => ({ timeMs: index, value: each })));
        const expected = plainJudge(values, next, mads);
        expect(judge(trail, next, mads)).toBe(expected);
        judged[expected === null ? 'ordinary' : 'outliers'] += 1;
      },
    ),
    { numRuns: 2_000 },
  );
  expect(Math.min(judged.outliers, judged.ordinary)).toBeGreaterThan(100);
});
