import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inference, ingest, models } from '@penstock/contracts';
import { prometheusNames, queriedMetrics } from '@penstock/deployment';
import { openKafka } from '@penstock/kafka';
import { openMqttPublisher } from '@penstock/mqtt';
import { createGrpcClient } from '@penstock/service';
import { brokers, type Collector, openCollector, randomName, until } from '@penstock/testing';
import { parseTreeParams, toOnnx, trainTrees } from '@penstock/training';
import { type AppliedPipeline, applyText } from './testing/applied-pipeline.ts';

const pipeline = randomName('telemetry').replaceAll('_', '-');
const schema = randomName('telemetry');
const modelsTopic = randomName('models');
const kafka = openKafka({ brokers: [brokers().kafka] });
const services = new Map<string, ChildProcess>();
let collector: Collector;
let applied: AppliedPipeline;

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
  clean:
    from: { kafka: { topic: ${pipeline}.raw } }
    via:  [{ validate: { ranges: { co2Ppm: [250, 10000] } } }]
    to:   { kafka: { topic: ${pipeline}.clean } }
  store:
    from: { kafka: { topic: ${pipeline}.clean } }
    to:   { postgres: { url: "${brokers().postgres}", schema: ${schema}, table: readings, mode: upsert } }
`;

/** Starts a service as a process and answers its address. */
async function start(name: string): Promise<string> {
  const entry = join(import.meta.dirname, '../..', name, 'src/main.ts');
  const env = {
    PATH: process.env['PATH'],
    PENSTOCK_KAFKA: brokers().kafka,
    PENSTOCK_REGISTRY: applied.registry,
    PENSTOCK_PIPELINES_TOPIC: applied.pipelinesTopic,
    PENSTOCK_MODELS_TOPIC: modelsTopic,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  services.set(name, child);
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const said = JSON.parse(line) as { event: string; grpc: string };
    if (said.event === 'service.ready') return said.grpc;
  }
  throw new Error(`${name} ended before it was ready`);
}

beforeAll(async () => {
  collector = await openCollector();
  applied = await applyText(kafka, document);
}, 60_000);

afterAll(async () => {
  for (const child of services.values()) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  await applied[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
}, 60_000);

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

function readingOf(sequence: number, co2Ppm: number): string {
  return JSON.stringify({ deviceId: 'lab-co2', sequence, observedAtMs: Date.now(), co2Ppm });
}

/** Registers a model, lets it serve, and asks it once. */
async function scoreOne(address: string): Promise<void> {
  using registry = createGrpcClient(models.ModelsServiceClient, address);
  using server = createGrpcClient(inference.GRPCInferenceServiceClient, address);
  const columns = [Float64Array.from({ length: 100 }, (_, row) => row)];
  const labels = Float64Array.from({ length: 100 }, (_, row) => (row < 50 ? 0 : 1));
  const forest = await trainTrees({ columns, labels }, { params: parseTreeParams({ treesMax: 2, leafRowsMin: 5 }), seed: 1 });
  const registration = models.Registration.fromPartial({
    model: 'occupancy',
    inputs: [{ name: 'co2Ppm', type: 'number' }],
    trainer: 'trees',
    trigger: { kind: 'api', detail: '' },
  });
  const chunk = Buffer.from(toOnnx(forest, ['co2Ppm']));
  await registry.registerModel(
    (async function* () {
      yield { part: { $case: 'registration' as const, value: registration } };
      yield { part: { $case: 'chunk' as const, value: chunk } };
    })(),
  );
  const to = { $case: 'version' as const, value: 1 };
  await registry.moveAlias(models.MoveAliasRequest.fromPartial({ model: 'occupancy', alias: 'production', to, reason: 'first' }));
  const input = { name: 'co2Ppm', datatype: 'FP64', shape: [1n], contents: { fp64Contents: [60] } };
  await server.modelInfer(inference.ModelInferRequest.fromPartial({ modelName: 'occupancy', inputs: [input] }));
}

test('one reading is one trace from the device to its row, and all that dashboards ask for is emitted', async () => {
  const names = ['mqtt-ingestor', 'model-server', 'preprocessor', 'sink-dispatcher'];
  const [ingestor, modelServer] = await Promise.all(names.map(start));
  await scoreOne(modelServer ?? '');
  await using publisher = await openMqttPublisher({ url: brokers().mosquitto, clientId: randomName('telemetry') });
  const topic = `${pipeline}/main/room/lab/reading`;
  const headers = { traceparent: `00-${traceId}-${spanId}-01` };
  await publisher.publish({ topic, payload: readingOf(1, 600), headers });
  await publisher.publish({ topic, payload: readingOf(2, -5) });
  using client = createGrpcClient(ingest.IngestServiceClient, ingestor ?? '');
  const json = Buffer.from(JSON.stringify({ ...JSON.parse(readingOf(3, 700)), building: 'main', room: 'lab' }));
  const records = [ingest.Record.create({ payload: { $case: 'json', value: json } })];
  await client.publish({ pipeline, stage: 'ingest', records });

  const stages = ['ingest', 'clean', 'store'].map((name) => `process ${pipeline}.${name}`);
  const ofTrace = (): string[] => collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name);
  await until(() => stages.every((name) => ofTrace().includes(name)), { deadlineMs: 20_000, what: 'a span for each stage' });
  const known = new Set(collector.spans.filter((span) => span.traceId === traceId).map((span) => span.spanId));
  for (const span of collector.spans.filter((each) => each.traceId === traceId))
    expect(span.parentSpanId === spanId || known.has(span.parentSpanId)).toBe(true);

  const missing = (): string[] => {
    const emitted = new Set([...collector.metrics.values()].flatMap(prometheusNames));
    return queriedMetrics().filter((name) => !emitted.has(name));
  };
  await until(() => missing().length === 0, { deadlineMs: 20_000, what: 'all metrics that are asked for' }).catch(
    () => undefined,
  );
  expect(missing()).toEqual([]);
}, 90_000);
