import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openKafka } from '@penstock/kafka';
import { modelServer } from '@penstock/model-server';
import { mqttIngestor } from '@penstock/mqtt-ingestor';
import { preprocessor } from '@penstock/preprocessor';
import { type OpenService, openService } from '@penstock/service';
import { sinkDispatcher } from '@penstock/sink-dispatcher';
import { brokers, randomName } from '@penstock/testing';
import type { z } from 'zod';
import { openPythonClient, type PythonClient } from './python-client.ts';
import { type AppliedPipeline, applyText } from './testing/applied-pipeline.ts';
import { serveModel } from './testing/served-model.ts';

const pipeline = randomName('python').replace('_', '-');
const kafka = openKafka({ brokers: [brokers().kafka] });
let python: PythonClient;
let applied: AppliedPipeline;
const services: OpenService[] = [];
const inputs = ['co2Mean', 'temperatureMean', 'humidityMean', 'lightMean'];

const document = `
pipeline: ${pipeline}
document: 1
record:
  schema: proto/data/rooms/v1/reading.proto#rooms.v1.Reading
  eventTime: { field: observedAtMs, aheadMsMax: 300000 }
  key: building + "/" + room
  identity: deviceId + "/" + string(sequence)
stages:
  ingest:
    from: { mqtt: { url: "${brokers().mosquitto}", topics: ["${pipeline}/+/room/+/reading"], qos: 1, payload: json, set: { building: "topic[1]", room: "topic[3]" } } }
    to:   { kafka: { topic: ${pipeline}.raw } }
  preprocess:
    from: { kafka: { topic: ${pipeline}.raw } }
    via:
      - dedupe: { windowMs: 600000 }
      - window:
          tumblingMs: 60000
          latenessMs: 0
          idleMs: 30000
          compute: { co2Mean: mean(co2Ppm), temperatureMean: mean(temperatureC), humidityMean: mean(humidityPct), lightMean: mean(lightLux) }
    to:   { kafka: { topic: ${pipeline}.features } }
  serve:
    from: { kafka: { topic: ${pipeline}.features } }
    via:  [{ predict: { model: occupancy, alias: production, input: [${inputs.join(', ')}] } }]
    to:   { kafka: { topic: ${pipeline}.predictions } }
`;

beforeAll(async () => {
  python = await openPythonClient();
  applied = await applyText(kafka, document);
  const env = {
    PENSTOCK_KAFKA: brokers().kafka,
    PENSTOCK_REGISTRY: applied.registry,
    PENSTOCK_PIPELINES_TOPIC: applied.pipelinesTopic,
    PENSTOCK_MODELS_TOPIC: randomName('models'),
  };
  for (const service of [mqttIngestor, sinkDispatcher, modelServer, preprocessor])
    services.push(await openService<z.ZodObject>(service, { env, write: () => undefined }));
  await serveModel(addressOf(2), { model: 'occupancy', inputs });
}, 120_000);

const addressOf = (service: number): string => services[service]?.address ?? '';

afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
  await applied[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
});

interface Seen {
  readonly published: { readonly stored: readonly string[]; readonly refused: readonly string[] };
  readonly asked: { readonly live: boolean; readonly inputs: string[]; readonly version: string; readonly labels: number[] };
  readonly subscribed: { readonly begun: object; readonly records: readonly Readonly<Record<string, unknown>>[] };
  readonly refused: { readonly status: string; readonly message: string; readonly reasoned: boolean };
}

test('a Python program publishes, asks the model, reads predictions and why it is refused, knowing only the descriptor set', async () => {
  const startMs = Date.UTC(2026, 1, 11, 14, 48);
  const addresses = ['--ingest', addressOf(0), '--dispatch', addressOf(1), '--model', addressOf(2), '--pipeline', pipeline];
  const wanted = ['--topic', `${pipeline}.predictions`, '--expect', '5', '--count', '21', '--start-ms', String(startMs)];
  const seen = (await python.run([...addresses, ...wanted])) as Seen;
  const ids = Array.from({ length: 21 }, (_, at) => `lab-co2/${at + 1}`);
  expect(seen.published).toEqual({ stored: ids, refused: [expect.stringMatching(/^(schema|stage)\./)] });
  expect(seen.asked).toMatchObject({ live: true, inputs, version: '1', labels: [0, 1] });
  expect(seen.subscribed.records.map(({ id }) => id)).toEqual(
    [0, 1, 2, 3, 4].map((minute) => `preprocess/python/lab/${startMs + minute * 60_000}/0`),
  );
  expect(seen.subscribed.records[1]).toMatchObject({
    key: 'python/lab',
    windowStartMs: startMs + 60_000,
    count: 4,
    co2Mean: 425.5,
    temperatureMean: 21.5,
    modelVersion: '1',
    score: expect.any(Number),
  });
  expect(seen.refused).toEqual({
    status: 'INVALID_ARGUMENT',
    message: expect.stringContaining('expected topic/partition/offset'),
    reasoned: true,
  });
}, 60_000);
