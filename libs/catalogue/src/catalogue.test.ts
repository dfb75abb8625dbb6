import { describe, expect, test } from '@jest/globals';
import { Catalogue, type CatalogueRecord } from './catalogue.ts';
import type { ModelVersion } from './entries.ts';

const entry: Omit<ModelVersion, 'version' | 'sha256' | 'bytes'> = {
  model: 'occupancy',
  inputs: [{ name: 'co2Mean', type: 'number', unit: '[ppm]' }],
  trainer: 'gradient-boosted-trees',
  params: { trees: 100 },
  seed: 1,
  manifest: { parts: [], rows: 10, trainedUntilMs: 5, rowsSha256: 'a'.repeat(64), pipeline: 'rooms', pipelineVersion: '1' },
  metrics: { auc: 0.99 },
  trigger: { kind: 'api', detail: 'first' },
  createdAtMs: 1,
};
const why = (id: string, atMs: number) => ({ id, reason: 'passed its gate', by: 'retrainer', atMs });
const model = Uint8Array.from({ length: 1_700_000 }, (_, index) => index % 251);

function applyAll(catalogue: Catalogue, records: readonly CatalogueRecord[]): void {
  for (const record of records) catalogue.apply(record);
}

describe('the catalogue of models', () => {
  test('gives back the bytes of a registered version, whatever their size', () => {
    const catalogue = new Catalogue();
    const { version, records } = catalogue.register(entry, model);
    expect(records).toHaveLength(4);
    applyAll(catalogue, records);
    expect(version.version).toBe(1);
    expect(Buffer.compare(catalogue.bytes(catalogue.version('occupancy', 1)), model)).toBe(0);
    expect(catalogue.register(entry, model).version.version).toBe(2);
  });

  test('notices a model whose bytes changed or went missing', () => {
    const catalogue = new Catalogue();
    const { version, records } = catalogue.register(entry, model);
    applyAll(catalogue, records.slice(1));
    expect(() => catalogue.bytes(version)).toThrow('part 0 is missing');
    const [first] = records as [CatalogueRecord];
    catalogue.apply({ key: first.key, value: first.value.with(7, 0) });
    expect(() => catalogue.bytes(version)).toThrow('do not have the hash');
  });

  test('moves an alias and keeps the history, also when the topic was compacted', () => {
    const catalogue = new Catalogue();
    for (const step of [1, 2]) {
      const { version, records } = catalogue.register(entry, model.subarray(step));
      applyAll(catalogue, records);
      applyAll(catalogue, catalogue.move(version, 'production', why(`m${step}`, step)));
    }
    applyAll(
      catalogue,
      catalogue.move(catalogue.version('occupancy', 1), 'production', { ...why('m3', 3), reason: 'rolled back' }),
    );
    expect(catalogue.resolve('occupancy', 'production')?.version).toBe(1);
    expect(catalogue.moves('occupancy').map(({ from, to }) => [from, to])).toEqual([
      [null, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  test('an alias that nobody moved points at nothing, and an unknown version says so', () => {
    const catalogue = new Catalogue();
    expect(catalogue.resolve('occupancy', 'production')).toBeNull();
    expect(() => catalogue.version('occupancy', 9)).toThrow('model occupancy has no version 9');
  });

  test('passes over keys of a later build and refuses entries that are not what they say', () => {
    const catalogue = new Catalogue();
    catalogue.apply({ key: 'future/x', value: new Uint8Array() });
    expect(() =>
      catalogue.apply({ key: 'alias/occupancy/production', value: new TextEncoder().encode('{"version":"1"}') }),
    ).toThrow(/alias\/occupancy\/production: model/);
    expect(() => catalogue.apply({ key: 'version/x/1', value: new Uint8Array([123]) })).toThrow('version/x/1: not JSON');
  });
});
