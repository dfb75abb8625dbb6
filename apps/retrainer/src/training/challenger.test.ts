import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@penstock/kernel';
import { parseTreeParams } from '@penstock/training';
import { type Dataset, joinLabels } from '../data/dataset.ts';
import { trainChallenger } from './challenger.ts';
import { classRowsMin, holdoutFrom } from './holdout.ts';
import { weightsOf } from './recipes.ts';

const fiveMinutesMs = 300_000;
const dayMs = 86_400_000;
const run = { params: parseTreeParams({ treesMax: 10, leavesMax: 4 }), seed: 1, metric: 'balancedAccuracy' as const };

/** Rooms lit while somebody is there, from nine to five; from day `shiftDay` on the sensor shows a sixth of it. */
function office(days: number, shiftDay = Number.POSITIVE_INFINITY): Dataset {
  const random = createRandom(1);
  const rows = Array.from({ length: days * 288 }, (_, index) => {
    const timeMs = index * fiveMinutesMs;
    const hour = (timeMs % dayMs) / 3_600_000;
    const occupied = hour >= 9 && hour < 17 && random() < 0.95;
    const lux = (occupied ? 400 : 100) + random() * 50;
    return { key: 'b/r', timeMs, occupied, lux: timeMs >= shiftDay * dayMs ? lux / 6 : lux };
  });
  return joinLabels(
    rows.map(({ key, timeMs, lux }) => ({ key, timeMs, values: [lux] })),
    rows.map(({ key, timeMs, occupied }) => ({ key, timeMs, values: [occupied ? 1 : 0] })),
    { inputs: ['lightMean'], withinMs: 1_000 },
  );
}

describe('the rows that judge', () => {
  test('are the newest fifth, and half of what is new after a drift', () => {
    const dataset = office(10);
    expect(holdoutFrom(dataset, null)).toBe(2_880 - 576);
    expect(holdoutFrom(dataset, 9 * dayMs)).toBe(2_880 - 144);
  });

  test('reach back until both classes are there', () => {
    const labels = new Float64Array(1_000).fill(0).fill(1, 100, 400).fill(1, 600, 690);
    const timesMs = Float64Array.from(labels.keys());
    expect(holdoutFrom({ labels, timesMs }, null)).toBe(690 - classRowsMin);
  });

  test('are never the only rows with one of the classes', () => {
    const labels = new Float64Array(1_000).fill(1, 900, 990);
    expect(() => holdoutFrom({ labels, timesMs: Float64Array.from(labels.keys()) }, null)).toThrow(
      '800 labelled rows to train from',
    );
  });

  test('hold one moment of all keys together', () => {
    const labels = Float64Array.from({ length: 1_000 }, (_, row) => row % 2);
    const timesMs = Float64Array.from(labels.keys(), (row) => Math.floor(row / 3));
    const cut = holdoutFrom({ labels, timesMs }, null);
    expect(timesMs[cut]).not.toBe(timesMs[cut - 1]);
  });
});

test('a recipe weighs rows: all the same, as much since the drift as before it, or only since', () => {
  const timesMs = Float64Array.of(0, 1, 2, 3, 4, 5);
  expect([...weightsOf('all', timesMs, 4)]).toEqual([1, 1, 1, 1, 1, 1]);
  expect([...weightsOf('recent', timesMs, 4)]).toEqual([1, 1, 1, 1, 2, 2]);
  expect([...weightsOf('since', timesMs, 4)]).toEqual([0, 0, 0, 0, 1, 1]);
  expect([...weightsOf('recent', Float64Array.of(0, 7 * dayMs), null)]).toEqual([0.5, 1]);
});

describe('a challenger', () => {
  test('is the same to the byte for the same rows, parameters and seed', async () => {
    const [first, second] = [
      await trainChallenger(office(10), { ...run, sinceMs: null, championReference: null }),
      await trainChallenger(office(10), { ...run, sinceMs: null, championReference: null }),
    ];
    expect(Buffer.compare(first.model, second.model)).toBe(0);
    expect(first).toEqual(second);
    expect(first.reference?.all.columns.map(({ name }) => name)).toEqual(['lightMean', 'score']);
  });

  test('after a drift is chosen by the new rows, and what is ordinary is handed on', async () => {
    const before = await trainChallenger(office(10), { ...run, sinceMs: null, championReference: null });
    const after = await trainChallenger(office(11, 10), { ...run, sinceMs: 10 * dayMs, championReference: before.reference });
    expect(after.candidates.find(({ recipe }) => recipe === after.recipe)?.metrics['balancedAccuracy']).toBeGreaterThan(0.9);
    expect(after.reference?.all.columns).toEqual([]);
    expect(after.reference?.all.errors).toEqual(before.reference?.all.errors);
    expect(after.parity.differenceMax).toBeLessThan(1e-6);
  });
});
