import { expect, test } from '@jest/globals';
import type { DriftAlarm } from '@penstock/catalogue';
import { LabelCounter } from './label-counter.ts';
import { type Knowledge, wantedRuns } from './triggers.ts';

const alarm: DriftAlarm = {
  id: 'occupancy/1/2015-02-16',
  model: 'occupancy',
  version: 1,
  pipeline: 'rooms',
  sinceDay: '2015-02-16',
  day: '2015-02-16',
  lastDay: '2015-02-17',
  raisedAtMs: 0,
  reason: 'errors 36 points above',
  readings: [],
  clearedDay: null,
};
const quiet: Knowledge = { version: 1, trainedUntilMs: 7, newLabels: 500, alarm: null, lastDay: null };
const when = [
  { kind: 'drift' },
  { kind: 'metric', metric: 'balancedAccuracy', below: 0.9 },
  { kind: 'newRows', rows: 1_000 },
  { kind: 'schedule', cron: '0 3 * * *' },
] as const;
const idsOf = (known: Partial<Knowledge>): string[] =>
  wantedRuns({ model: 'occupancy', when }, { ...quiet, ...known }).map(({ id }) => id);

test('nothing is wanted while nothing happens', () => {
  expect(idsOf({})).toEqual([]);
  expect(idsOf({ lastDay: { day: '2015-02-16', metrics: { balancedAccuracy: 0.95 } } })).toEqual([]);
});

test('a run goes by its cause, so that the same cause wants the same run again', () => {
  expect(idsOf({ alarm })).toEqual(['occupancy-drift-v1-2015-02-17']);
  expect(idsOf({ lastDay: { day: '2015-02-16', metrics: { balancedAccuracy: 0.6 } } })).toEqual([
    'occupancy-metric-v1-2015-02-16',
  ]);
  expect(idsOf({ newLabels: 1_000 })).toEqual(['occupancy-newRows-v1-7']);
  expect(idsOf({ newLabels: 1_000, version: null, trainedUntilMs: 0 })).toEqual(['occupancy-newRows-v0-0']);
});

test('drift weighs more than rows', () => {
  expect(idsOf({ alarm, newLabels: 1_000 })).toEqual(['occupancy-drift-v1-2015-02-17', 'occupancy-newRows-v1-7']);
});

test('an alarm without new labels wants nothing: there is nothing to learn from', () => {
  expect(idsOf({ alarm, newLabels: 99 })).toEqual([]);
});

test('labels are counted from a time on', () => {
  const labels = new LabelCounter();
  for (let minute = 0; minute < 10; minute += 1) labels.add(minute * 60_000 + 1);
  expect(labels.since(Number.NEGATIVE_INFINITY)).toBe(10);
  expect(labels.since(4 * 60_000)).toBe(5);
  labels.add(60_000);
  expect(labels.since(0)).toBe(5);
});
