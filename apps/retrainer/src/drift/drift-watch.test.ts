import { describe, expect, test } from '@jest/globals';
import type { DayVerdict, DriftReading } from '@penstock/training';
import { DriftWatch, severityOf } from './drift-watch.ts';

const reading = (name: string, effect: number, limit: number): DriftReading => ({
  name,
  effect,
  limit,
  pValue: 0,
  drifted: effect > limit,
});
const dayNamed = (day: number): string => `2015-02-${String(day).padStart(2, '0')}`;

function verdict(day: number, readings: readonly DriftReading[], judged = true): DayVerdict {
  return { day: dayNamed(day), rows: 1_000, judged, readings, alarm: false, reason: '' };
}

const errors = (day: number, effect: number): DayVerdict => verdict(day, [reading('error', effect, 0.05)]);

describe('how a day stands', () => {
  test.each([
    ['more errors than any day, by far', [reading('error', 0.3, 0.05)], 'alarming'],
    ['a few more errors', [reading('error', 0.06, 0.05)], 'odd'],
    ['a few more errors, and an input moved', [reading('error', 0.06, 0.05), reading('light', 2, 0.6)], 'alarming'],
    [
      'inputs and scores moved like weather',
      [reading('error', 0, 0.05), reading('score', 3, 1), reading('co2', 9, 1)],
      'ordinary',
    ],
    ['no labels, scores and an input moved', [reading('score', 3, 1), reading('co2', 9, 1)], 'odd'],
    ['no labels, scores moved alone', [reading('score', 3, 1), reading('co2', 0.1, 1)], 'ordinary'],
  ])('%s', (_, readings, severity) => {
    expect(severityOf(verdict(1, readings))).toBe(severity);
  });
});

describe('an alarm', () => {
  test('is raised by one alarming day, once, and says why', () => {
    const watch = new DriftWatch();
    expect(watch.observe(errors(11, 0.01))).toBeNull();
    expect(watch.observe(verdict(12, [reading('light', 2, 0.6), reading('error', 0.3, 0.05)]))).toMatchObject({
      kind: 'raised',
      sinceDay: '2015-02-12',
      reason: '2015-02-12: errors 30.0 points above ordinary days (limit 5.0), light moved (PSI 2.00, limit 0.60)',
    });
    expect(watch.observe(errors(13, 0.3))).toMatchObject({ kind: 'continues', sinceDay: '2015-02-12' });
  });

  test('is raised by the second odd day of three judged ones, and began with the first', () => {
    const watch = new DriftWatch();
    expect(watch.observe(errors(11, 0.06))).toBeNull();
    expect(watch.observe(verdict(12, [], false))).toBeNull();
    expect(watch.observe(errors(13, 0))).toBeNull();
    expect(watch.observe(errors(14, 0.06))).toMatchObject({ kind: 'raised', sinceDay: '2015-02-11' });
  });

  test('is not raised by odd days that lie further apart', () => {
    const watch = new DriftWatch();
    const days = [0.06, 0, 0, 0.06, 0, 0, 0.06].map((effect, day) => watch.observe(errors(day + 1, effect)));
    expect(days).toEqual(days.map(() => null));
  });

  test('ends after two clearly ordinary days in a row, and not before', () => {
    const watch = new DriftWatch();
    watch.observe(errors(1, 0.3));
    expect([0.04, 0.01, 0.04, 0.01].map((effect, day) => watch.observe(errors(day + 2, effect)))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(watch.observe(errors(6, 0.01))).toMatchObject({ kind: 'cleared', sinceDay: '2015-02-01' });
    expect(watch.alarmedSince).toBeNull();
    expect(watch.observe(errors(7, 0.3))).toMatchObject({ kind: 'raised' });
  });
});
