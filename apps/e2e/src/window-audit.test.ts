import { describe, expect, test } from '@jest/globals';
import { auditWindows, expectedWindows, type MeasuredReading, type WindowRow, type WindowRules } from './window-audit.ts';

const rules: WindowRules = {
  tumblingMs: 60_000,
  ranges: { co2Ppm: [250, 10_000] },
  hampel: { field: 'co2Ppm', windowMs: 600_000, thresholdMad: 4 },
  means: { co2Mean: 'co2Ppm', lightMean: 'lightLux' },
};
const reading = (id: number, timeMs: number, values: Record<string, number>): MeasuredReading => ({
  id: `device/${id}`,
  key: 'b/r',
  timeMs,
  values,
});
const nobody = new Set<string>();

describe('the windows that must exist', () => {
  test('count readings and average the values that are there', () => {
    const windows = expectedWindows(
      [reading(1, 0, { co2Ppm: 400 }), reading(2, 59_999, { lightLux: 10 }), reading(3, 60_000, { co2Ppm: 500 })],
      rules,
      nobody,
    );
    expect([...windows.values()]).toEqual([
      { key: 'b/r', windowStartMs: 0, count: 2, means: { co2Mean: 400, lightMean: 10 } },
      { key: 'b/r', windowStartMs: 60_000, count: 1, means: { co2Mean: 500, lightMean: null } },
    ]);
  });

  test('leave out repetitions, what is out of range, and what was reported late', () => {
    const readings = [
      reading(1, 0, { co2Ppm: 400 }),
      reading(1, 0, { co2Ppm: 400 }),
      reading(2, 1, { co2Ppm: 20 }),
      reading(3, 2, { co2Ppm: 500 }),
    ];
    expect([...expectedWindows(readings, rules, new Set(['device/3'])).values()]).toMatchObject([
      { count: 1, means: { co2Mean: 400 } },
    ]);
  });

  test('put the median in the place of a spike', () => {
    const steady = [400, 402, 398, 401, 399].map((co2Ppm, index) => reading(index, index, { co2Ppm }));
    const windows = expectedWindows([...steady, reading(9, 60_000, { co2Ppm: 9_000 })], rules, nobody);
    expect(windows.get('b/r 60000')?.means['co2Mean']).toBe(400);
  });
});

describe('the audit of windows', () => {
  const expected = expectedWindows(
    [0, 1, 2].map((minute) => reading(minute, minute * 60_000, { co2Ppm: 400 + minute })),
    rules,
    nobody,
  );
  const rows: readonly WindowRow[] = [...expected.values()];

  test('finds nothing where all is well', () => {
    expect(auditWindows(expected, rows, nobody)).toEqual({
      expected: 3,
      rows: 3,
      missing: 0,
      unexpected: 0,
      duplicates: 0,
      different: 0,
      late: 0,
      examples: [],
    });
  });

  test('sees a row that is missing, written again, foreign or different', () => {
    expect(auditWindows(expected, rows.slice(1), nobody)).toMatchObject({ missing: 1 });
    expect(auditWindows(expected, [...rows, rows[0] as WindowRow], nobody)).toMatchObject({ duplicates: 1 });
    expect(auditWindows(expected, [...rows, { ...(rows[0] as WindowRow), windowStartMs: 600_000 }], nobody)).toMatchObject({
      unexpected: 1,
    });
    const changed = { ...(rows[0] as WindowRow), means: { co2Mean: 401, lightMean: null } };
    expect(auditWindows(expected, [changed, ...rows.slice(1)], nobody)).toMatchObject({ different: 1 });
  });
});
