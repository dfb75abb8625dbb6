import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cacheFolder } from '@penstock/brokers';
import { explanationTable, type Format, judgeSchemas } from './schemas.ts';
import type { Verdicts } from './verdicts.ts';

const pairs = 300;
const seed = 20_261_125;

function judge(only: Format): Promise<Verdicts[]> {
  return judgeSchemas({ pairs, seed, only: [only], cacheFolder });
}

test('no instance contradicts a JSON Schema that is called compatible', async () => {
  const [verdicts] = await judge('json');
  expect(verdicts?.unexplained).toEqual([]);
  expect(verdicts?.undecided).toBeLessThan(pairs / 20);
  expect(verdicts?.compatible).toBeGreaterThan(pairs / 3);
  expect(verdicts?.agreements).toBeGreaterThan(pairs * 0.85);
}, 60_000);

test('Protobuf is judged as buf judges it, but for what is explained, and read as buf reads it', async () => {
  const [breaking, build] = await judge('protobuf');
  expect(breaking?.unexplained).toEqual([]);
  expect(Object.keys(breaking?.explained ?? {}).length).toBeGreaterThan(5);
  expect(build).toMatchObject({ oracle: 'buf build', agreements: pairs, unexplained: [] });
}, 60_000);

test('Avro is judged as Apache Avro judges it', async () => {
  const [verdicts] = await judge('avro');
  expect(verdicts).toMatchObject({ agreements: pairs, explained: {}, unexplained: [] });
  expect(verdicts?.compatible).toBeLessThan(pairs * 0.8);
}, 120_000);

test('every explanation stands in the reference', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/schema-verdicts.md'), 'utf8');
  expect(page).toContain(explanationTable());
});
