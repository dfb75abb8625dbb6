import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@penstock/kernel';
import type { Day } from '@penstock/training';
import { calibrateDays, inheritReference, judgeByKind } from './reference.ts';

const random = createRandom(1);
const rows = 400;
const column = (mean: number): Float64Array => Float64Array.from({ length: rows }, () => mean + random());

/** Light is 100 on workdays and 0 at weekends; 2 February 2015 is a Monday. */
function dayOf(date: number, errorRate: number, light?: number): Day {
  const day = new Date(Date.UTC(2015, 1, date));
  const isWeekend = day.getUTCDay() === 0 || day.getUTCDay() === 6;
  return {
    day: day.toISOString().slice(0, 10),
    inputs: [column(light ?? (isWeekend ? 0 : 100))],
    scores: column(0),
    errors: Float64Array.from({ length: rows }, (_, row) => (row < errorRate * rows ? 1 : 0)),
  };
}

const threeWeeks = Array.from({ length: 21 }, (_, index) => dayOf(index + 2, 0.02));
const moved = (day: Day, reference = calibrateDays(threeWeeks, ['light'])): string[] =>
  reference === null
    ? []
    : judgeByKind(reference, day)
        .readings.filter(({ drifted }) => drifted)
        .map(({ name }) => name);

describe('ordinary days', () => {
  test('are told apart by workdays and weekends: the weekly rhythm is not drift, a dark Monday is', () => {
    expect(moved(dayOf(28, 0.02))).toEqual([]);
    expect(moved(dayOf(23, 0.02))).toEqual([]);
    expect(moved(dayOf(23, 0.02, 0))).toEqual(['light']);
    expect(moved(dayOf(28, 0.02, 100))).toEqual(['light']);
    expect(moved(dayOf(23, 0.2))).toEqual(['error']);
  });

  test('do not include one on which every other day was no help: it would make the next one look ordinary', () => {
    const reference = calibrateDays([...threeWeeks, dayOf(23, 0.4)], ['light']);
    expect(moved(dayOf(24, 0.4), reference)).toEqual(['error']);
  });

  test('that are too few say nothing, and the limits for errors can be handed on', () => {
    expect(calibrateDays(threeWeeks.slice(0, 2), ['light'])).toBeNull();
    const reference = calibrateDays(threeWeeks, ['light']);
    if (reference === null) throw new Error('three weeks are enough');
    expect(moved(dayOf(23, 0.2, 0), inheritReference(reference))).toEqual(['error']);
  });
});
