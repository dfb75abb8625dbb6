import { describe, expect, test } from '@jest/globals';
import { alarmRecord, Catalogue, type CatalogueRecord, referenceRecord, runRecord } from './catalogue.ts';
import type { ModelVersion } from './entries.ts';
import type { DriftAlarm, TrainingRun } from './training-entries.ts';

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
const run: TrainingRun = {
  id: 'a',
  model: 'occupancy',
  pipeline: 'rooms',
  trigger: { kind: 'schedule', detail: '0 3 * * *' },
  seed: 1,
  requestedAtMs: 0,
  finishedAtMs: 1,
  outcome: 'refused',
  reason: 'auc 0.8, at least 0.9 is asked for',
  version: null,
  trainedUntilMs: 5,
  metrics: { auc: 0.8 },
  champion: {},
  baselines: {},
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

  test('remembers runs, alarms and what ordinary days look like; a later record of a key takes the place of the earlier', () => {
    const catalogue = new Catalogue();
    const alarm: DriftAlarm = {
      id: 'occupancy/1/2015-02-16',
      model: 'occupancy',
      version: 1,
      pipeline: 'rooms',
      sinceDay: '2015-02-16',
      day: '2015-02-16',
      lastDay: '2015-02-16',
      raisedAtMs: 1,
      reason: 'errs more',
      readings: [{ name: 'error', effect: 0.3, limit: 0.05, drifted: true }],
      clearedDay: null,
    };
    applyAll(catalogue, [
      alarmRecord(alarm),
      alarmRecord({ ...alarm, clearedDay: '2015-02-17' }),
      runRecord({ ...run, id: 'b', finishedAtMs: 2 }),
      runRecord({ ...run, id: 'a', finishedAtMs: 1 }),
      referenceRecord({ model: 'occupancy', version: 1, reference: { rowsMin: 100 } }),
    ]);
    expect(catalogue.alarms('occupancy').map(({ clearedDay }) => clearedDay)).toEqual(['2015-02-17']);
    expect(catalogue.runs('occupancy').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(catalogue.run('b')?.outcome).toBe('refused');
    expect(catalogue.reference({ model: 'occupancy', version: 1 })?.reference).toEqual({ rowsMin: 100 });
    expect(catalogue.reference({ model: 'occupancy', version: 2 })).toBeNull();
  });

  test('a move that is stored twice is one move', () => {
    const catalogue = new Catalogue();
    applyAll(catalogue, catalogue.register(entry, model).records);
    const records = catalogue.move(catalogue.version('occupancy', 1), 'production', why('m1', 1));
    applyAll(catalogue, [...records, ...records]);
    expect(catalogue.moves('occupancy')).toHaveLength(1);
    expect(catalogue.moved('m1')?.to).toBe(1);
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
