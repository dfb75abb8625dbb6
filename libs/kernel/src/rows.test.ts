import { describe, expect, test } from '@jest/globals';
import { defineProblem } from './problem.ts';
import { Rows, rowFate } from './rows.ts';

const slots = [
  { name: 'value', type: 'number', nullable: true },
  { name: 'room', type: 'string', nullable: true },
] as const;
const bad = defineProblem({ code: 'test.bad', status: 'INVALID_ARGUMENT', remedy: 'reject' });

describe('rows', () => {
  test('every row of a batch flows and causes itself', () => {
    const rows = new Rows(slots);
    rows.reset(3);
    expect([rows.length, rows.inputs]).toEqual([3, 3]);
    expect([...rows.fate.subarray(0, 3)]).toEqual([rowFate.flowing, rowFate.flowing, rowFate.flowing]);
    expect([...rows.cause.subarray(0, 3)]).toEqual([0, 1, 2]);
  });

  test('an appended row is null everywhere and columns keep their values when they grow', () => {
    const rows = new Rows(slots);
    rows.reset(256);
    rows.numbers(0)[255] = 7;
    const row = rows.append(-1);
    expect([row, rows.inputs, rows.cause[row]]).toEqual([256, 256, -1]);
    expect([rows.numbers(0)[255], rows.numbers(0)[row], rows.values(1)[row]]).toEqual([7, Number.NaN, null]);
  });

  test('a rejected row keeps its problem until the next batch', () => {
    const rows = new Rows(slots);
    rows.reset(2);
    rows.reject(1, bad('no'));
    expect(rows.fate[1]).toBe(rowFate.rejected);
    expect(rows.problems.get(1)?.code).toBe('test.bad');
    rows.reset(2);
    expect([rows.fate[1], rows.problems.size]).toEqual([rowFate.flowing, 0]);
  });

  test('a slot is asked for as what it is', () => {
    const rows = new Rows(slots);
    expect(() => rows.numbers(1)).toThrow('slot 1 holds no numbers');
    expect(() => rows.values(0)).toThrow('slot 0 holds numbers');
  });
});
