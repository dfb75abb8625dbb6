import { describe, expect, test } from '@jest/globals';
import { judge } from './filter.ts';
import { Trail } from './trail.ts';

function trailOf(values: readonly number[]): Trail {
  return Trail.of(values.map((value, index) => ({ timeMs: index * 1_000, value })));
}

describe('the hampel filter', () => {
  test('answers a spike with the median and leaves the ordinary alone', () => {
    const trail = trailOf([400, 402, 398, 401, 399, 403]);
    expect(judge(trail, 900, 4)).toBe(400.5);
    expect(judge(trail, 405, 4)).toBeNull();
  });

  test('says nothing with too few points or without any spread', () => {
    expect(judge(trailOf([400, 401, 402]), 9_000, 4)).toBeNull();
    expect(judge(trailOf([400, 400, 400, 400, 400, 400]), 401, 4)).toBeNull();
  });

  test('believes a new level once it fills half of the window', () => {
    const trail = trailOf([400, 402, 398, 401, 399, 900, 902, 898, 901, 899, 903]);
    expect(judge(trail, 900, 4)).toBeNull();
  });
});
