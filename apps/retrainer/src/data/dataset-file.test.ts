import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { joinLabels } from './dataset.ts';
import { keepNewestFiles, readDatasetFile, writeDataset, writeWhole } from './dataset-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-datasets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const features = [1_000, 2_000, 3_000].map((timeMs) => ({
  key: timeMs === 2_000 ? 'b/s' : 'b/r',
  timeMs,
  values: [timeMs / 7, Number.NaN],
}));
const labels = features.map(({ key, timeMs }) => ({ key, timeMs, values: [timeMs % 2_000 === 0 ? 1 : 0] }));
const dataset = joinLabels(features, labels, { inputs: ['co2Mean', 'lightMean'], withinMs: 10 });

test('a dataset comes back as it was', async () => {
  await writeDataset(folder, dataset);
  expect(await readDatasetFile(folder, dataset.sha256)).toEqual(dataset);
  expect(readdirSync(folder)).toEqual([`${dataset.sha256}.dataset`]);
});

test('a file that changed is refused, and one that is gone says so', async () => {
  await writeDataset(folder, dataset);
  const path = join(folder, `${dataset.sha256}.dataset`);
  const bytes = readFileSync(path);
  bytes[bytes.length - 60] = 1 + (bytes[bytes.length - 60] as number);
  writeFileSync(path, bytes);
  await expect(readDatasetFile(folder, dataset.sha256)).rejects.toThrow('do not have the hash');
  rmSync(path);
  await expect(readDatasetFile(folder, dataset.sha256)).rejects.toMatchObject({ code: 'retrain.lost-file' });
});

test('only the newest files stay', async () => {
  for (const name of ['a', 'b', 'c']) {
    await writeWhole(folder, name, new Uint8Array([1]));
    appendFileSync(join(folder, name), 'x');
  }
  await keepNewestFiles(folder, 2);
  expect(readdirSync(folder)).toHaveLength(2);
  await keepNewestFiles(join(folder, 'nowhere'), 2);
});
