import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CsvRow, readCsv } from './csv.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function rowsOf(text: string, size = 7): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of readCsv(chunksOf(text, size))) rows.push(row);
  return rows;
}

test('quotes hold commas, quotes and line ends; lines are counted through them', async () => {
  const rows = await rowsOf('a,b\r\n1,"x, ""y""\nz"\r\n\n2,\n');
  expect(rows.map(({ line, cells }) => [line, ...cells.values()])).toEqual([
    [2, '1', 'x, "y"\nz'],
    [5, '2', ''],
  ]);
});

test('a row number before the first column is left out', async () => {
  const [row] = await rowsOf('"date","CO2"\n"140","2015-02-02 14:19:00",749.2');
  expect(Object.fromEntries(row?.cells ?? [])).toEqual({ date: '2015-02-02 14:19:00', CO2: '749.2' });
});

test('a row that does not fit is named by its line', async () => {
  await expect(rowsOf('a,b\n1,2\n1,2,3,4\n')).rejects.toThrow('line 3: expected 2 cells, got 4');
  await expect(rowsOf('a,b\n1,"2\n')).rejects.toThrow('line 2: a quote is never closed');
});

test('whatever is written by the rules is read back, however it is cut', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'é', ' '), maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), async (rows, size) => {
      const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const text = [['x', 'y'], ...rows].map((row) => row.map(quote).join(',')).join('\n');
      expect((await rowsOf(text, size)).map(({ cells }) => [...cells.values()])).toEqual(rows);
    }),
  );
});
