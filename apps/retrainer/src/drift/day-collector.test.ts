import { describe, expect, test } from '@jest/globals';
import type { KeyedRow } from '../data/keyed-rows.ts';
import { type CollectorOptions, DayCollector, dayMs } from './day-collector.ts';

const hour = 3_600_000;
const row = (timeMs: number, key = 'b/r', value = 1): KeyedRow => ({ key, timeMs, values: [value] });

function collect(options: Partial<CollectorOptions> = {}): DayCollector {
  return new DayCollector({ withinMs: 600_000, afterMs: -1, ...options });
}

describe('a day', () => {
  test('is whole when every key that spoke on it has gone on, with its labels', () => {
    const days = collect();
    for (const timeMs of [hour, 2 * hour]) days.addFeature(row(timeMs));
    days.addFeature(row(hour, 'b/s'));
    days.addLabel(row(hour));
    expect(days.takeWhole(true)).toEqual([]);
    days.addFeature(row(dayMs));
    days.addLabel(row(dayMs, 'b/r', 0));
    expect(days.takeWhole(true)).toEqual([]); // b/s may yet say something
    days.addFeature(row(dayMs, 'b/s'));
    days.addLabel(row(dayMs, 'b/s', 0));
    const [day, ...others] = days.takeWhole(true);
    expect(others).toEqual([]);
    expect(day?.dayMs).toBe(0);
    expect(day?.rows).toHaveLength(3);
    expect([...(day?.labels ?? [])]).toEqual([1, Number.NaN, Number.NaN]);
    expect(days.takeWhole(true)).toEqual([]);
  });

  test('is not kept waiting for ever by a key that fell silent, nor by labels that never come', () => {
    const days = collect();
    days.addFeature(row(hour));
    days.addFeature(row(hour, 'b/silent'));
    days.addFeature(row(dayMs + 5 * hour));
    expect(days.takeWhole(true)).toEqual([]);
    days.addFeature(row(dayMs + 6 * hour));
    expect(days.takeWhole(false)).toEqual([]); // perhaps its records have only not been read yet
    expect(days.takeWhole(true).map(({ rows }) => rows.length)).toEqual([2]);
  });

  test('waits longer for the labels of a key that has had some', () => {
    const days = collect();
    days.addFeature(row(hour));
    days.addLabel(row(hour));
    days.addFeature(row(dayMs + 7 * hour));
    expect(days.takeWhole(true)).toEqual([]);
    days.addFeature(row(3 * dayMs));
    expect(days.takeWhole(true).map((day) => [...day.labels])).toEqual([[1]]);
  });

  test('has only rows that the model has not been trained on', () => {
    const days = collect({ afterMs: 2 * hour, graceMs: 0 });
    for (const timeMs of [hour, 2 * hour, 3 * hour, dayMs]) days.addFeature(row(timeMs));
    expect(days.takeWhole(true).map(({ rows }) => rows.map(({ timeMs }) => timeMs))).toEqual([[3 * hour]]);
  });

  test('closed is closed: a record that comes later does not open it again', () => {
    const days = collect({ graceMs: 0 });
    for (const timeMs of [hour, dayMs, hour, 2 * dayMs]) {
      days.addFeature(row(timeMs));
      days.takeWhole(true);
    }
    days.addFeature(row(2 * hour));
    days.addFeature(row(3 * dayMs));
    expect(days.takeWhole(true).map((day) => [day.dayMs / dayMs, day.rows.length])).toEqual([[2, 1]]);
  });

  test('is sampled evenly when it has more rows than are kept', () => {
    const days = collect({ graceMs: 0, dayRowsMax: 100 });
    for (let minute = 0; minute < 1_440; minute += 1) days.addFeature(row(minute * 60_000));
    days.addFeature(row(dayMs));
    const [day] = days.takeWhole(true);
    const steps = new Set(day?.rows.slice(1).map(({ timeMs }, index) => timeMs - (day.rows[index]?.timeMs ?? 0)));
    expect(day?.rows.length).toBeLessThanOrEqual(100);
    expect(day?.rows.length).toBeGreaterThan(50);
    expect(steps.size).toBe(1);
  });
});
