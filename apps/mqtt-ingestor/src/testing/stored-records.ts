import { type FetchedRecord, type Kafka, offsetsOf, readRange } from '@penstock/kafka';
import type { Decoder } from '@penstock/kernel';
import { Rows } from '@penstock/kernel';
import { createWireDecoder, parseSchema } from '@penstock/schema';
import { readingSchemaId, readingSchemaText } from './rooms-pipeline.ts';

/** A record as anybody finds it in Kafka. */
export interface StoredRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array | null;
  readonly partition: number;
}

/** All that is in a topic, partition after partition. */
export async function storedIn(kafka: Kafka, topic: string, partitions: number): Promise<StoredRecord[]> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await offsetsOf(kafka, all, 'latest');
  const records: StoredRecord[] = [];
  for (const { partition, offset } of ends) {
    for await (const record of readRange(kafka, { topic, partition }, { from: 0, to: offset })) {
      records.push(storedRecordOf(record, partition));
    }
  }
  return records;
}

function storedRecordOf({ key, value, headers }: FetchedRecord, partition: number): StoredRecord {
  const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('utf8');
  return {
    key: text(key),
    headers: Object.fromEntries(headers.map(([name, bytes]) => [text(name), text(bytes)])),
    payload: value,
    partition,
  };
}

const schema = parseSchema({ format: 'PROTOBUF', text: readingSchemaText, message: 'rooms.v1.Reading' });
const { fields } = schema.shape;
const decoder: Decoder = createWireDecoder(
  {
    schema: async (id) => (id === readingSchemaId ? schema : null),
    latest: async () => null,
    version: async () => null,
    register: async () => readingSchemaId,
  },
  fields.map((field, slot) => ({ field, slot })),
);

/** A reading out of Confluent's wire format, without what it lacks. */
export async function readingOf(payload: Uint8Array | null): Promise<Record<string, unknown>> {
  if (payload === null) throw new TypeError('a tombstone is no reading');
  const rows = new Rows(fields);
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  const values = fields.map(({ name, type }, slot) => {
    const value = type === 'string' ? rows.values(slot)[0] : rows.numbers(slot)[0];
    return [name, Number.isNaN(value) ? null : value] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}
