import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openAcknowledgedFile } from './acknowledged-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-acknowledged-'));
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an id is in the file when its append has resolved, in the order of the calls, after those of an earlier process', async () => {
  const file = join(folder, 'deep/ids.txt');
  {
    using earlier = openAcknowledgedFile(file);
    await earlier.append('first');
  }
  using acknowledged = openAcknowledgedFile(file);
  const ids = Array.from({ length: 1_000 }, (_, index) => `id ${index}`);
  const appends = ids.map((id) => acknowledged.append(id));
  await appends[0];
  expect(linesOf(file)).toEqual(['first', ...ids]);
  await Promise.all(appends);
});

test('closing writes what waits', async () => {
  const file = join(folder, 'closed.txt');
  const acknowledged = openAcknowledgedFile(file);
  const appended = acknowledged.append('last');
  acknowledged[Symbol.dispose]();
  await appended;
  expect(linesOf(file)).toEqual(['last']);
});

test('a file that is closed takes no more, and is closed once', async () => {
  const acknowledged = openAcknowledgedFile(join(folder, 'gone.txt'));
  acknowledged[Symbol.dispose]();
  acknowledged[Symbol.dispose]();
  await expect(acknowledged.append('lost')).rejects.toThrow('is closed');
});
