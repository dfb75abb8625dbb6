import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Accumulator, type AggregateKind, fold, resultOf } from './aggregates.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });

function aggregate(kind: AggregateKind, numbers: readonly number[]): number {
  let accumulator: Accumulator = [];
  numbers.forEach((value, index) => {
    fold(kind, accumulator, { value, timeMs: index });
    accumulator = JSON.parse(JSON.stringify(accumulator)) as Accumulator; // as if restored from a changelog in between
  });
  return resultOf(kind, accumulator);
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const oracles: Readonly<Record<AggregateKind, (numbers: readonly number[]) => number>> = {
  mean,
  sum: (numbers) => numbers.reduce((sum, value) => sum + value, 0),
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
  count: (numbers) => numbers.length,
  first: (numbers) => numbers[0] as number,
  last: (numbers) => numbers.at(-1) as number,
  stddev: (numbers) => Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean(numbers)) ** 2, 0) / (numbers.length - 1)),
};

describe('aggregates agree with their definition, through a changelog after every value', () => {
  test.each(Object.keys(oracles) as AggregateKind[])('%s', (kind) => {
    fc.assert(
      fc.property(values, (numbers) => {
        expect(aggregate(kind, numbers)).toBeCloseTo(oracles[kind](numbers), 4);
      }),
    );
  });
});

test('a window without values has no mean and a count of nothing', () => {
  expect(resultOf('mean', [])).toBeNaN();
  expect(resultOf('stddev', [1, 5, 0])).toBeNaN();
  expect(resultOf('count', [])).toBe(0);
});
