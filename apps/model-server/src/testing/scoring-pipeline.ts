import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type AppliedSchema, applyDocument, checkDocument, formatComplaint, readDocument } from '@penstock/document';
import { ensureTopics, type Kafka, offsetsOf, openPublisher, readRange } from '@penstock/kafka';
import { Rows } from '@penstock/kernel';
import { schemaOf } from '@penstock/runner';
import { createEncoder, createWireDecoder } from '@penstock/schema';
import { inputNames } from './sample-models.ts';

const root = join(import.meta.dirname, '../../../..');
const readFile = (path: string): string => readFileSync(join(root, path), 'utf8');
const reading = 'proto/data/rooms/v1/reading.proto#rooms.v1.Reading';
const partitions = 2;
const plain = { cleanup: 'delete', retentionMs: -1 } as const;

export interface ScoredRecord {
  readonly partition: number;
  readonly key: string;
  readonly sequence: number;
  readonly predicted: number;
  readonly score: number;
  readonly modelVersion: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A pipeline of one stage that asks a model, applied and with a registry beside it. */
export interface ScoringPipeline extends AsyncDisposable {
  readonly registryUrl: string;
  /** Its own, so that services of other tests do not take its stage. */
  readonly pipelinesTopic: string;
  /** Stores readings as an ingestor would. */
  publish(readings: readonly { key: string; sequence: number; co2Ppm: number; lightLux: number }[]): Promise<void>;
  /** All that the stage has stored, partition after partition. */
  scored(): Promise<ScoredRecord[]>;
}

export async function applyScoring(kafka: Kafka, pipeline: string, model: string): Promise<ScoringPipeline> {
  const topics = { input: `${pipeline}.readings`, output: `${pipeline}.predictions`, dead: `${pipeline}.dead` };
  const { document, schemas } = check(`
pipeline: ${pipeline}
document: 1
topics:
  ${topics.input}: { external: true, partitions: ${partitions}, schema: ${reading} }
  ${topics.output}: { partitions: ${partitions} }
stages:
  serve:
    from: { kafka: { topic: ${topics.input} } }
    via:  [{ predict: { model: ${model}, alias: production, input: [${inputNames.join(', ')}] } }]
    to:   { kafka: { topic: ${topics.output} } }
`);
  const registry = await openRegistry(schemas);
  const pipelinesTopic = `${pipeline}.pipelines`;
  await ensureTopics(kafka, [
    { topic: pipelinesTopic, partitions: 1, cleanup: 'compact', retentionMs: -1 },
    ...Object.values(topics).map((topic) => ({ topic, partitions, ...plain })),
  ]);
  const schemaBySubject = (topic: string): AppliedSchema =>
    schemas.find(({ subject }) => subject === `${topic}-value`) as AppliedSchema;
  const input = schemaBySubject(topics.input);
  await store(kafka, pipelinesTopic, [
    { key: pipeline, payload: Buffer.from(JSON.stringify(applyDocument(document, schemas, 0))) },
  ]);
  return {
    registryUrl: registry.url,
    pipelinesTopic,
    publish: (readings) =>
      store(
        kafka,
        topics.input,
        readings.map((one) => ({ key: one.key, payload: encode(input, one) })),
      ),
    scored: () => readScored(kafka, topics.output, schemaBySubject(topics.output)),
    async [Symbol.asyncDispose]() {
      await store(kafka, pipelinesTopic, [{ key: pipeline, payload: null }]);
      await registry[Symbol.asyncDispose]();
    },
  };
}

function check(text: string) {
  const file = 'scoring.yaml';
  const read = readDocument(text, { file });
  const checked = checkDocument(read, { readFile });
  if (read.document === null || checked.complaints.length > 0)
    throw new TypeError(checked.complaints.map((complaint) => formatComplaint(file, complaint)).join('\n'));
  return { document: read.document, schemas: checked.schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 })) };
}

async function store(
  kafka: Kafka,
  topic: string,
  records: readonly { key: string; payload: Uint8Array | null }[],
): Promise<void> {
  await using publisher = openPublisher(
    kafka,
    new Map([['main', { topic, partitions: topic.endsWith('.pipelines') ? 1 : partitions }]]),
  );
  await publisher.publish(
    records.map(({ key, payload }) => ({ id: key, route: 'main', key: Buffer.from(key), payload, headers: [] })),
  );
}

function encode(
  applied: AppliedSchema,
  { key, ...numbers }: { key: string; sequence: number; co2Ppm: number; lightLux: number },
): Uint8Array {
  const schema = schemaOf(applied);
  const { fields } = schema.shape;
  const [building = '', room = ''] = key.split('/');
  const values: Readonly<Record<string, unknown>> = {
    building,
    room,
    deviceId: room,
    observedAtMs: 1_424_000_000_000,
    ...numbers,
  };
  const rows = new Rows(fields);
  const row = rows.append(-1);
  fields.forEach(({ name }, slot) => {
    const value = values[name];
    if (typeof value === 'number') rows.numbers(slot)[row] = value;
    else if (value !== undefined) rows.values(slot)[row] = value;
  });
  return createEncoder(
    schema,
    fields.map((field, slot) => ({ field, slot })),
    applied.id,
  ).encode(rows, row);
}

async function readScored(kafka: Kafka, topic: string, applied: AppliedSchema): Promise<ScoredRecord[]> {
  const schema = schemaOf(applied);
  const { fields } = schema.shape;
  const registry = { schema: async () => schema, latest: async () => null, version: async () => null, register: async () => 0 };
  const decoder = createWireDecoder(
    registry,
    fields.map((field, slot) => ({ field, slot })),
  );
  const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const found: ScoredRecord[] = [];
  for (const { partition, offset } of await offsetsOf(kafka, all, 'latest')) {
    for await (const { key, value, headers } of readRange(kafka, { topic, partition }, { from: 0, to: offset })) {
      const rows = new Rows(fields);
      rows.reset(1);
      await decoder.prepare(value as Uint8Array);
      decoder.decode(value as Uint8Array, rows, 0);
      const number = (name: string): number => rows.numbers(fields.findIndex((field) => field.name === name))[0] as number;
      const modelVersion = String(rows.values(fields.findIndex(({ name }) => name === 'modelVersion'))[0]);
      found.push({
        partition,
        key: text(key),
        sequence: number('sequence'),
        predicted: number('predicted'),
        score: number('score'),
        modelVersion,
        headers: Object.fromEntries(headers.map(([name, bytes]) => [text(name), text(bytes)])),
      });
    }
  }
  return found;
}

/** As much of a registry as readers ask for. */
async function openRegistry(schemas: readonly AppliedSchema[]): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const found = schemas.find((schema) => schema.id === id);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ schema: found?.text, schemaType: found?.format }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
