import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createFilterFile } from './filter-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-filters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('sessions that save at the same time do not forget each other, and a later process knows both', async () => {
  const file = join(folder, 'filters.json');
  const memory = createFilterFile(file);
  expect(await memory.load('a')).toEqual([]);
  await Promise.all([memory.save('a', ['rooms/#']), memory.save('b', ['halls/#']), memory.save('a', ['rooms/+'])]);
  const later = createFilterFile(file);
  expect([await later.load('a'), await later.load('b')]).toEqual([['rooms/+'], ['halls/#']]);
});

test('a file that is none is told, and a later save is not held up by it', async () => {
  const file = join(folder, 'broken.json');
  writeFileSync(file, 'not JSON');
  const memory = createFilterFile(file);
  await expect(memory.save('a', [])).rejects.toThrow();
  rmSync(file);
  await memory.save('a', ['rooms/#']);
  expect(await memory.load('a')).toEqual(['rooms/#']);
});
