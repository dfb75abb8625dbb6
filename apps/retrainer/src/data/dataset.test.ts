import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinLabels, PartCounter } from './dataset.ts';
import type { KeyedRow } from './keyed-rows.ts';

const settings = { inputs: ['co2Mean'], withinMs: 600 };
const feature = (timeMs: number, key = 'b/r'): KeyedRow => ({ key, timeMs, values: [timeMs] });
const label = (timeMs: number, value: number, key = 'b/r'): KeyedRow => ({ key, timeMs, values: [value] });

describe('joining labels', () => {
  test('takes the nearest label of the same key, and none that is too far', () => {
    const dataset = joinLabels(
      [feature(1_000), feature(2_000), feature(9_000)],
      [label(900, 1), label(1_050, 0), label(2_600, 1), label(9_000, 1, 'other')],
      settings,
    );
    expect([...dataset.labels]).toEqual([0, 1]);
    expect(dataset).toMatchObject({ rows: 2, unlabelled: 1, trainedUntilMs: 2_000 });
  });

  test('agrees with trying every label', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(times, times, (features, labels) => {
        const rows = labels.map((timeMs) => label(timeMs, timeMs));
        const { labels: found } = joinLabels(
          features.map((timeMs) => feature(timeMs)),
          rows,
          settings,
        );
        const expected = features
          .toSorted((left, right) => left - right)
          .flatMap((timeMs) => {
            const near = labels.toSorted((left, right) => Math.abs(left - timeMs) - Math.abs(right - timeMs) || left - right)[0];
            return near !== undefined && Math.abs(near - timeMs) <= settings.withinMs ? [near] : [];
          });
        expect([...found]).toEqual(expected);
      }),
    );
  });

  test('does not depend on the order of reading, and its hash tells datasets apart', () => {
    const features = [feature(1_000), feature(1_000, 'b/s'), feature(2_000)];
    const labels = [label(1_000, 1), label(1_000, 0, 'b/s'), label(2_000, 1)];
    const dataset = joinLabels(features, labels, settings);
    expect(joinLabels(features.toReversed(), labels.toReversed(), settings)).toEqual(dataset);
    expect(joinLabels(features, [label(1_000, 0), ...labels.slice(1)], settings).sha256).not.toBe(dataset.sha256);
  });
});

test('a manifest counts what was read, not the difference of offsets', () => {
  const counter = new PartCounter();
  for (const offset of [3, 4, 9]) counter.read('rooms.features', 1, offset);
  counter.read('rooms.features', 0, 0);
  expect(counter.parts()).toEqual([
    { topic: 'rooms.features', partition: 0, from: 0, to: 1, records: 1 },
    { topic: 'rooms.features', partition: 1, from: 3, to: 10, records: 3 },
  ]);
});
