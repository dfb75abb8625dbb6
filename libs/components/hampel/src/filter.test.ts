import { describe, expect, test } from '@jest/globals';
import { extend, judge, pointsMax, type Trail } from './filter.ts';

function trailOf(values: readonly number[]): Trail {
  const trail: Trail = { timesMs: [], values: [] };
  values.forEach((value, index) => extend(trail, { timeMs: index * 1_000, value }, 3_600_000));
  return trail;
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

  test('forgets what left the window, keeps order, and stays bounded', () => {
    const trail: Trail = { timesMs: [], values: [] };
    extend(trail, { timeMs: 5_000, value: 5 }, 4_000);
    extend(trail, { timeMs: 4_000, value: 4 }, 4_000);
    extend(trail, { timeMs: 8_500, value: 8 }, 4_000);
    expect(trail).toEqual({ timesMs: [5_000, 8_500], values: [5, 8] });
    expect(trailOf(Array.from({ length: 500 }, (_, index) => index)).values).toHaveLength(pointsMax);
  });
});
