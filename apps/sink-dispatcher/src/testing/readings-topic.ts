import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTopics, type Kafka, offsetsOf, openPublisher } from '@penstock/kafka';
import { type Encoder, Rows } from '@penstock/kernel';
import { type Header, stampOf } from '@penstock/pipeline';
import { createEncoder, parseSchema, type Schema, type SchemaRegistry } from '@penstock/schema';
import { randomName, until } from '@penstock/testing';

const root = join(import.meta.dirname, '../../../..');
const text = readFileSync(join(root, 'proto/data/rooms/v1/reading.proto'), 'utf8');

export const readingSchema: Schema = parseSchema({ format: 'PROTOBUF', text, message: 'rooms.v1.Reading' });
export const readingSchemaId = 7;
export const startMs = Date.UTC(2026, 1, 11, 14, 48);

/** A caught-up registry that knows one schema. */
export const registry: SchemaRegistry = {
  schema: async (id) => (id === readingSchemaId ? readingSchema : null),
  latest: async () => null,
  version: async () => null,
  register: async () => readingSchemaId,
};

const { fields } = readingSchema.shape;
const encoder: Encoder = createEncoder(
  readingSchema,
  fields.map((field, slot) => ({ field, slot })),
  readingSchemaId,
);

/** A reading as it lies on a topic. */
export interface TestReading {
  readonly key: string;
  readonly sequence: number;
  readonly co2Ppm: number;
}

export function encodeReading({ key, sequence, co2Ppm }: TestReading): Uint8Array {
  const [building = '', room = ''] = key.split('/');
  const values: Readonly<Record<string, unknown>> = {
    building,
    room,
    deviceId: `${room}-co2`,
    sequence,
    observedAtMs: startMs + sequence,
    co2Ppm,
  };
  const rows = new Rows(fields);
  const row = rows.append(-1);
  fields.forEach(({ name }, slot) => {
    const value = values[name];
    if (typeof value === 'number') rows.numbers(slot)[row] = value;
    else if (value !== undefined) rows.values(slot)[row] = value;
  });
  return encoder.encode(rows, row);
}

export interface StoredRecord {
  readonly key: string;
  readonly payload: Uint8Array;
  readonly headers?: readonly Header[];
}

export function recordOf(reading: TestReading): StoredRecord {
  const id = `${reading.key}/${reading.sequence}`;
  const kind = { source: 'penstock/rooms/ingest', type: 'rooms.v1.Reading' };
  return { key: reading.key, payload: encodeReading(reading), headers: stampOf(kind, id, startMs + reading.sequence) };
}

export async function newTopic(kafka: Kafka, partitions: number): Promise<string> {
  const topic = randomName('dispatch');
  await ensureTopics(kafka, [{ topic, partitions, cleanup: 'delete', retentionMs: -1 }]);
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await until(() => offsetsOf(kafka, all, 'latest'), { deadlineMs: 10_000, what: `leaders of ${topic}` });
  return topic;
}

export async function store(
  kafka: Kafka,
  { topic, partitions }: { topic: string; partitions: number },
  records: readonly StoredRecord[],
): Promise<void> {
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions }]]));
  const outputs = records.map(({ key, payload, headers = [] }) => ({
    id: key,
    route: 'main',
    key: Buffer.from(key),
    payload,
    headers,
  }));
  await publisher.publish(outputs);
}
