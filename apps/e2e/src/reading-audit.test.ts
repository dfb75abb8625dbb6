import { describe, expect, test } from '@jest/globals';
import { type ArchivedRow, auditReadings } from './reading-audit.ts';

const rows: readonly ArchivedRow[] = Array.from({ length: 40 }, (_, index) => ({
  key: 'office/one',
  deviceId: `device-${index % 4}`,
  sequence: Math.floor(index / 4) + 1,
  order: index,
}));

describe('the audit of readings', () => {
  test('finds nothing where all is well, in whatever order the rows are listed', () => {
    expect(auditReadings(rows, rows.toReversed())).toEqual({
      acknowledged: 40,
      rows: 40,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      unknown: 0,
      examples: [],
    });
  });

  test('sees one deleted row', () => {
    expect(auditReadings(rows, rows.toSpliced(17, 1))).toMatchObject({
      lost: 1,
      duplicates: 0,
      outOfOrder: 0,
      examples: ['office/one device-1/5 is lost'],
    });
  });

  test('sees one doubled row', () => {
    const doubled = [...rows, { ...(rows[17] as ArchivedRow), order: 99 }];
    expect(auditReadings(rows, doubled)).toMatchObject({ rows: 41, lost: 0, duplicates: 1, outOfOrder: 0 });
  });

  test('sees two swapped rows of a device, and lets devices overtake each other', () => {
    const order = (index: number): number => (rows[index] as ArchivedRow).order;
    const swap = (first: number, second: number): ArchivedRow[] =>
      rows.map((row, index) => ({
        ...row,
        order: index === first ? order(second) : index === second ? order(first) : row.order,
      }));
    expect(auditReadings(rows, swap(16, 20))).toMatchObject({ lost: 0, duplicates: 0, outOfOrder: 1 });
    expect(auditReadings(rows, swap(16, 17))).toMatchObject({ outOfOrder: 0 });
  });

  test('sees a row that nobody published', () => {
    expect(auditReadings(rows.slice(1), rows)).toMatchObject({ unknown: 1, lost: 0 });
  });
});
