import { describe, expect, test } from '@jest/globals';
import { applyDocument } from './apply-document.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText, roomsText } from './testing/rooms.ts';

const checked = checkText(roomsText);
const { document } = readDocument(roomsText, { file: 'rooms.yaml' });

function applied(): ReturnType<typeof applyDocument> {
  if (document === null) throw new Error('the sample cannot be read');
  const schemas = checked.schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 }));
  return applyDocument(document, schemas, 0);
}

describe('the sample', () => {
  test('has nothing to complain about', () => {
    expect(checked.complaints).toEqual([]);
  });

  test('is run by the services that its ends ask for', () => {
    const services = Object.fromEntries(checked.stages.map(({ name, service }) => [name, service]));
    expect(services).toEqual({
      ingest: 'mqtt-ingestor',
      labels: 'mqtt-ingestor',
      archive: 'sink-dispatcher',
      preprocess: 'preprocessor',
      serve: 'model-server',
      store: 'sink-dispatcher',
    });
  });

  test('says which topics must be there', () => {
    const week = 604_800_000;
    expect(checked.topics).toEqual([
      { topic: 'rooms.raw', partitions: 4, cleanup: 'delete', retentionMs: week },
      { topic: 'rooms.labels', partitions: 4, cleanup: 'delete', retentionMs: -1 },
      { topic: 'rooms.features', partitions: 4, cleanup: 'delete', retentionMs: -1 },
      { topic: 'rooms.late', partitions: 4, cleanup: 'delete', retentionMs: week },
      { topic: 'rooms.preprocess.changelog', partitions: 4, cleanup: 'compact', retentionMs: -1 },
      { topic: 'rooms.predictions', partitions: 4, cleanup: 'delete', retentionMs: week },
      { topic: 'rooms.dead', partitions: 4, cleanup: 'delete', retentionMs: week, batchBytesMax: 4_194_304 },
    ]);
  });

  test('derives the schemas of topics in between', () => {
    expect(checked.schemas.map(({ subject, message }) => [subject, message])).toEqual([
      ['rooms.raw-value', 'rooms.v1.Reading'],
      ['rooms.labels-value', 'rooms.v1.Label'],
      ['rooms.features-value', 'rooms.Features'],
      ['rooms.predictions-value', 'rooms.Predictions'],
    ]);
    expect(checked.schemas.at(-1)?.text).toContain('  string model_version = 12;');
  });

  test('reads only the columns that a stage looks at', () => {
    const preprocess = checked.stages.find(({ name }) => name === 'preprocess');
    expect(preprocess?.input.bindings.map(({ field }) => field.name)).toEqual([
      'temperatureC',
      'humidityPct',
      'lightLux',
      'co2Ppm',
    ]);
  });

  test('retrains on what it serves', () => {
    expect(checked.retrain).toMatchObject({
      model: 'occupancy',
      alias: 'production',
      features: { topic: 'rooms.features' },
      labels: { topic: 'rooms.labels' },
      target: { name: 'occupied', type: 'boolean' },
      inputs: [{ name: 'co2Mean' }, { name: 'temperatureMean' }, { name: 'humidityMean' }, { name: 'lightMean' }],
      trainer: { kind: 'gradient-boosted-trees', params: { objective: 'binary' } },
    });
  });
});

describe('the sample, applied', () => {
  test('is planned the same from its record in JSON, again and again', () => {
    const record = applied();
    const plans = [record, JSON.parse(JSON.stringify(record)) as typeof record].map(planPipeline);
    expect(JSON.stringify(plans[1])).toBe(JSON.stringify(plans[0]));
    expect(plans[0]?.stages.map(({ name }) => name)).toEqual(checked.stages.map(({ name }) => name));
    expect(plans[0]?.topics).toEqual(checked.topics);
    expect(record.version).toMatch(/^[0-9a-f]{12}$/);
  });

  test('keeps its references: no secret is resolved before a service asks for it', () => {
    const ingest = planPipeline(applied()).stages.find(({ name }) => name === 'ingest');
    expect(ingest?.from).toMatchObject({ kind: 'mqtt', config: { url: '${env:MQTT_URL}', clientId: 'rooms.ingest' } });
  });

  test('cannot be planned without one of its schemas', () => {
    const { 'rooms.features-value': _gone, ...schemas } = applied().schemas;
    expect(() => planPipeline({ ...applied(), schemas })).toThrow('was applied without the schema of rooms.features-value');
  });
});
