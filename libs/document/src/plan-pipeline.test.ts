import { describe, expect, test } from '@jest/globals';
import { applyDocument } from './apply-document.ts';
import type { PipelinePlan } from './pipeline-plan.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText, roomsText, roomsWith } from './testing/rooms.ts';
import { drive, type Incoming, keyOf, passOn } from './testing/stage-driver.ts';

const text = new TextDecoder();

function planOf(source: string): PipelinePlan {
  const { document } = readDocument(source, { file: 'rooms.yaml' });
  const { complaints, schemas } = checkText(source);
  if (document === null || complaints.length > 0) throw new Error(complaints[0]?.message ?? 'nothing can be read');
  return planPipeline(
    applyDocument(
      document,
      schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 })),
      0,
    ),
  );
}

const plan = planOf(roomsText);
const startMs = Date.UTC(2015, 1, 11, 9);

/** As a device publishes it: what the topic says stands in no payload. */
function published(sequence: number, values: Readonly<Record<string, unknown>>): Incoming {
  const json = { deviceId: 'co2-7', sequence, observedAtMs: startMs + sequence * 20_000, ...values };
  return {
    key: 'building/a/room/7/reading',
    payload: Buffer.from(JSON.stringify(json)),
    levels: ['building', 'a', 'room', '7', 'reading'],
  };
}

const rowsOf = (incoming: readonly Incoming[]): unknown[] => incoming.map(({ payload }) => JSON.parse(text.decode(payload)));

describe('the sample does what it says', () => {
  test('a reading is named by its topic, its device and its own time', async () => {
    const ingested = await drive(plan, 'ingest', { incoming: [published(1, { co2Ppm: 600, building: 'elsewhere' })] });
    expect(ingested.outputs.map(({ id, key, eventTimeMs }) => [id, keyOf(key), eventTimeMs])).toEqual([
      ['co2-7/1', 'a/7', startMs + 20_000],
    ]);
    const archived = await drive(plan, 'archive', { incoming: passOn(ingested) });
    expect(rowsOf(passOn(archived))).toEqual([
      expect.objectContaining({ building: 'a', room: '7', deviceId: 'co2-7', sequence: 1, co2Ppm: 600, lightLux: null }),
    ]);
  });

  test('readings become windows, windows predictions, predictions rows', async () => {
    const ingested = await drive(plan, 'ingest', {
      incoming: [
        published(0, { co2Ppm: 600, temperatureC: 21 }),
        published(1, { co2Ppm: 700 }),
        published(2, { co2Ppm: 99_999 }),
        published(40, { co2Ppm: 800 }),
      ],
    });
    const windows = await drive(plan, 'preprocess', { incoming: passOn(ingested) });
    expect(windows.fates).toMatchObject({ absorbed: 3, rejected: 1 });
    const predictor = (model: string) => () => ({
      predict: async (features: Float32Array) => ({ version: `${model} 3`, labels: [1], scores: [features[0] ?? 0] }),
    });
    const predictions = await drive(plan, 'serve', { incoming: passOn(windows), predictor: predictor('occupancy') });
    const rows = rowsOf(passOn(await drive(plan, 'store', { incoming: passOn(predictions) })));
    expect(rows).toEqual([
      {
        $id: expect.anything(),
        $timeMs: startMs,
        key: 'a/7',
        windowStartMs: startMs,
        windowEndMs: startMs + 60_000,
        count: 2,
        co2Mean: 650,
        temperatureMean: 21,
        humidityMean: null,
        lightMean: null,
        predicted: 1,
        score: 650,
        modelName: 'occupancy',
        modelVersion: 'occupancy 3',
      },
    ]);
    expect(windows.outputs.filter(({ route }) => route === 'dead')).toHaveLength(1);
  });

  test('a reading that lacks what its topic cannot say is a dead letter', async () => {
    const { outputs, fates } = await drive(plan, 'labels', { incoming: [published(1, {})] });
    expect(fates).toMatchObject({ rejected: 1 });
    expect(outputs.map(({ route }) => route)).toEqual(['dead']);
  });
});

test('computed fields and another key reach the next topic', async () => {
  const stage = `
  split:
    from: { kafka: { topic: rooms.raw } }
    via: [{ compute: { dewPointC: "temperatureC - (100.0 - humidityPct) / 5.0", isDry: "humidityPct < 30.0" } }]
    to: { kafka: { topic: rooms.dew, key: deviceId } }
  dew:
    from: { kafka: { topic: rooms.dew } }
    to: { postgres: { url: "\${env:POSTGRES_URL}", table: dew, mode: append } }

retrain:`;
  const split = planOf(roomsWith(['\nretrain:', stage]));
  const ingested = await drive(split, 'ingest', {
    incoming: [published(1, { temperatureC: 20, humidityPct: 25 }), published(2, { temperatureC: 20 })],
  });
  const computed = await drive(split, 'split', { incoming: passOn(ingested) });
  expect(computed.outputs.map(({ key }) => keyOf(key))).toEqual(['co2-7', 'co2-7']);
  expect(rowsOf(passOn(await drive(split, 'dew', { incoming: passOn(computed) })))).toEqual([
    expect.objectContaining({ dewPointC: 5, isDry: true }),
    expect.objectContaining({ dewPointC: null, isDry: null }),
  ]);
});
