import { describe, expect, test } from '@jest/globals';
import type { Random } from '@penstock/kernel';
import { seeded } from '@penstock/testing';
import { divergenceOf, psi, riseOf, sketchOf } from './divergence.ts';
import { calibrateDrift, type Day, judgeDay } from './drift.ts';

const rows = 600;

/** A day whose input lies around its own mean, as weather does; workdays have scores in the middle, weekends none. */
function day(random: Random, number: number, changes: { shift?: number; errorRate?: number } = {}): Day {
  const weekend = number % 7 >= 5;
  const mean = random() * 5 + (changes.shift ?? 0);
  return {
    day: `2015-02-${String(number + 2).padStart(2, '0')}`,
    inputs: [Float64Array.from({ length: rows }, () => mean + random() * 10)],
    scores: Float64Array.from({ length: rows }, () => (weekend ? random() * 0.1 : random())),
    errors: Float64Array.from({ length: rows }, () => (random() < (changes.errorRate ?? 0.02) ? 1 : 0)),
  };
}

describe('statistics', () => {
  const uniform = Float64Array.from({ length: 1000 }, (_, index) => index);

  test('PSI of shares agrees with the formula, and is nothing between equals', () => {
    expect(psi([500, 500], [250, 750])).toBeCloseTo(0.25 * Math.log(1.5) - 0.25 * Math.log(0.5), 2);
    expect(divergenceOf(sketchOf(uniform), uniform)).toEqual({ effect: 0, pValue: 1 });
  });

  test('a moved sample lies far away, and surely', () => {
    const { effect, pValue } = divergenceOf(
      sketchOf(uniform),
      uniform.map((value) => value + 400),
    );
    expect(effect).toBeGreaterThan(1);
    expect(pValue).toBeLessThan(1e-12);
  });

  test('values that go missing are a difference too', () => {
    expect(
      divergenceOf(
        sketchOf(uniform),
        uniform.map((value) => (value % 2 === 0 ? Number.NaN : value)),
      ).effect,
    ).toBeGreaterThan(2);
    expect(divergenceOf(sketchOf(uniform), uniform.fill(Number.NaN)).pValue).toBe(0);
  });

  test('the p-value of two rates agrees with a table of chi-squared', () => {
    // 30 of 100 against 50 of 100: chi-squared 8.333, one degree of freedom.
    const { effect, pValue } = riseOf({ hits: 30, rows: 100 }, { hits: 50, rows: 100 });
    expect(effect).toBeCloseTo(0.2, 12);
    expect(pValue).toBeCloseTo(0.003892, 5);
    expect(riseOf({ hits: 0, rows: 10 }, { hits: 0, rows: 10 }).pValue).toBe(1);
  });
});

describe('drift is what no ordinary day shows', () => {
  test(
    'ordinary days raise no alarm, weekends included',
    seeded((random) => {
      const reference = calibrateDrift(
        Array.from({ length: 14 }, (_, number) => day(random, number)),
        ['co2'],
      );
      for (let number = 14; number < 28; number += 1)
        expect(judgeDay(reference, day(random, number))).toMatchObject({ alarm: false });
    }),
  );

  test(
    'a model that errs more raises it, and says so',
    seeded((random) => {
      const reference = calibrateDrift(
        Array.from({ length: 10 }, (_, number) => day(random, number)),
        ['co2'],
      );
      const verdict = judgeDay(reference, day(random, 14, { errorRate: 0.3 }));
      expect(verdict.alarm).toBe(true);
      expect(verdict.reason).toMatch(/^2015-02-16: .*error rate [23]\d\.\d points up/);
    }),
  );

  test(
    'an input that moves alone is shown and is no alarm; with its scores it is',
    seeded((random) => {
      const reference = calibrateDrift(
        Array.from({ length: 10 }, (_, number) => day(random, number)),
        ['co2'],
      );
      const moved = { ...day(random, 14, { shift: 100 }), errors: new Float64Array(0) };
      const alone = judgeDay(reference, moved);
      expect([alone.alarm, alone.readings.find(({ name }) => name === 'co2')?.drifted]).toEqual([false, true]);
      const workdays = Array.from({ length: 5 }, (_, number) => day(random, number));
      expect(judgeDay(calibrateDrift(workdays, ['co2']), { ...moved, scores: moved.scores.fill(1) }).alarm).toBe(true);
    }),
  );

  test(
    'a day with few rows is not judged, and few days say nothing about ordinary ones',
    seeded((random) => {
      const days = Array.from({ length: 10 }, (_, number) => day(random, number));
      const part = { inputs: [Float64Array.of(1e6)], scores: Float64Array.of(1), errors: Float64Array.of(1), day: 'x' };
      expect(judgeDay(calibrateDrift(days, ['co2']), part)).toMatchObject({ judged: false, alarm: false, readings: [] });
      expect(() => calibrateDrift([...days.slice(0, 2), part], ['co2'])).toThrow('2 whole days');
    }),
  );

  test(
    'the reference is plain data',
    seeded((random) => {
      const reference = calibrateDrift(
        Array.from({ length: 5 }, (_, number) => day(random, number)),
        ['co2'],
      );
      expect(JSON.parse(JSON.stringify(reference))).toEqual(reference);
    }),
  );
});
