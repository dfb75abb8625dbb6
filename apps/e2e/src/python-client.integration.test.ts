import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openKafka } from '@penstock/kafka';
import { mqttIngestor } from '@penstock/mqtt-ingestor';
import { type OpenService, openService } from '@penstock/service';
import { sinkDispatcher } from '@penstock/sink-dispatcher';
import { brokers, randomName } from '@penstock/testing';
import { openPythonClient, type PythonClient } from './python-client.ts';
import { type AppliedPipeline, applyText } from './testing/applied-pipeline.ts';

const pipeline = randomName('python').replace('_', '-');
const kafka = openKafka({ brokers: [brokers().kafka] });
let python: PythonClient;
let applied: AppliedPipeline;
const services: OpenService[] = [];

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
`;

beforeAll(async () => {
  python = await openPythonClient();
  applied = await applyText(kafka, document);
  const env = { PENSTOCK_KAFKA: brokers().kafka, PENSTOCK_REGISTRY: applied.registry };
  for (const service of [mqttIngestor, sinkDispatcher])
    services.push(await openService(service, { env, write: () => undefined }));
}, 120_000);

afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
  await applied[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
});

interface Seen {
  readonly published: { readonly stored: readonly string[]; readonly refused: readonly string[] };
  readonly subscribed: { readonly begun: object; readonly records: readonly Readonly<Record<string, unknown>>[] };
  readonly refused: { readonly status: string; readonly message: string; readonly reasoned: boolean };
}

test('a Python program publishes, subscribes and understands why it is refused, knowing only the descriptor set', async () => {
  const [ingestor, dispatcher] = services;
  const startMs = Date.UTC(2026, 1, 11, 14, 48);
  const args = ['--ingest', ingestor?.address ?? '', '--dispatch', dispatcher?.address ?? '', '--pipeline', pipeline];
  const counts = ['--topic', `${pipeline}.raw`, '--count', '20', '--expect', '20', '--start-ms', String(startMs)];
  const seen = (await python.run([...args, ...counts])) as Seen;
  const ids = Array.from({ length: 20 }, (_, at) => `lab-co2/${at + 1}`);
  expect(seen.published).toEqual({ stored: ids, refused: [expect.stringMatching(/^(schema|stage)\./)] });
  expect(seen.subscribed.records.map(({ id }) => id)).toEqual(ids);
  expect(seen.subscribed.records[4]).toMatchObject({
    building: 'python',
    room: 'lab',
    deviceId: 'lab-co2',
    sequence: 5,
    observedAtMs: startMs + 75_000,
    co2Ppm: 425,
    lightLux: null,
  });
  expect(seen.refused).toEqual({
    status: 'INVALID_ARGUMENT',
    message: expect.stringContaining('expected topic/partition/offset'),
    reasoned: true,
  });
}, 60_000);
