import { expect, test } from '@jest/globals';
import { judge, labelsByMinute, type PredictionRow, phasesOf } from './judging.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const calendar = { trainUntilMs: dayMs, batteryFromMs: dayMs, beforeUntilMs: 2 * dayMs, shiftFromMs: 3 * dayMs };
const row = (windowStartMs: number, light: number, predicted: number): PredictionRow => ({
  key: 'office/one',
  windowStartMs,
  features: [light],
  predicted,
  score: predicted === 1 ? 0.9 : 0.1,
  modelVersion: windowStartMs < 4 * dayMs ? 1 : 2,
});
const label = (observedAtMs: number, occupied: boolean) => ({ key: 'office/one', observedAtMs, occupied });

test('each phase is judged by its own rows, beside what one threshold over the training rows would have said', () => {
  const rows = [
    ...[10, 400, 20, 500].map((light, index) => row(index * minuteMs, light, light > 100 ? 1 : 0)),
    row(dayMs, 10, 0),
    row(dayMs + minuteMs, 400, 1),
    row(3 * dayMs, 5, 0),
    row(3 * dayMs + minuteMs, 60, 0),
    row(4 * dayMs, 5, 0),
    row(4 * dayMs + minuteMs, 60, 1),
  ];
  const labels = labelsByMinute(
    rows.map(({ windowStartMs, features: [light = 0] }) => label(windowStartMs + 30_000, light > 50)),
  );
  const phases = phasesOf(calendar, { shifted: true, promotedMs: 4 * dayMs });
  const reports = judge(rows, labels, { phases, trainUntilMs: dayMs, inputs: ['lightMean'] });
  expect(reports.map(({ phase, rows: count, balancedAccuracy }) => [phase, count, balancedAccuracy])).toEqual([
    ['before', 2, 1],
    ['shifted', 2, 0.5],
    ['after', 2, 1],
  ]);
  expect(reports[1]?.confusion).toEqual({ truePositives: 0, falsePositives: 0, trueNegatives: 1, falseNegatives: 1 });
  expect(reports[2]).toMatchObject({
    modelVersions: [2],
    baselines: { threshold: { input: 'lightMean', threshold: 210, balancedAccuracy: 0.5 } },
  });
});

test('two pictures of one minute show somebody when either does', () => {
  expect(labelsByMinute([label(0, true), label(59_000, false)]).get('office/one 0')).toBe(true);
});
