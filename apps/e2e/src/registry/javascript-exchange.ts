import { create, createMutableRegistry } from '@bufbuild/protobuf';
import {
  AvroDeserializer,
  AvroSerializer,
  type Deserializer,
  HeaderSchemaIdSerializer,
  JsonDeserializer,
  JsonSerializer,
  ProtobufDeserializer,
  ProtobufSerializer,
  type SchemaRegistryClient,
  SerdeType,
  type Serializer,
} from '@confluentinc/schemaregistry';
import { type ProtobufSchema, parseSchema, type SchemaFormat } from '@penstock/schema';
import { decodeReading, encodeReading, ours, type PlainReading, theirs } from './reading-codec.ts';

/** A reading in each format. */
export const readingTexts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: JSON.stringify({
    type: 'record',
    name: 'Reading',
    namespace: 'rooms',
    fields: [
      { name: 'deviceId', type: 'string' },
      { name: 'sequence', type: 'long' },
      { name: 'co2Ppm', type: ['null', 'double'], default: null },
    ],
  }),
  JSON: JSON.stringify({
    type: 'object',
    title: 'Reading',
    required: ['deviceId', 'sequence'],
    properties: { deviceId: { type: 'string' }, sequence: { type: 'integer' }, co2Ppm: { type: ['number', 'null'] } },
  }),
  PROTOBUF:
    'syntax = "proto3"; package rooms; message Reading { string device_id = 1; int64 sequence = 2; optional double co2_ppm = 3; }',
};

const descriptor = (parseSchema({ format: 'PROTOBUF', text: readingTexts.PROTOBUF }) as ProtobufSchema).message;

interface Serdes {
  readonly serializer: Serializer;
  readonly deserializer: Deserializer;
}

/** Confluent's serialiser and deserialiser of a format. With `headers` the GUID goes into a header instead of an id before the bytes. */
export function serdesOf(client: SchemaRegistryClient, format: SchemaFormat, headers = false): Serdes {
  const latest = { useLatestVersion: true, ...(headers ? { schemaIdSerializer: HeaderSchemaIdSerializer } : {}) };
  const at = SerdeType.VALUE;
  if (format === 'AVRO')
    return { serializer: new AvroSerializer(client, at, latest), deserializer: new AvroDeserializer(client, at, {}) };
  if (format === 'JSON')
    return { serializer: new JsonSerializer(client, at, latest), deserializer: new JsonDeserializer(client, at, {}) };
  const own = {
    ...latest,
    useLatestVersion: headers,
    autoRegisterSchemas: !headers,
    registry: createMutableRegistry(descriptor),
  };
  return { serializer: new ProtobufSerializer(client, at, own), deserializer: new ProtobufDeserializer(client, at, {}) };
}

/** What their serialiser of a format takes: that of Protobuf wants messages that know their type. */
export function givenTo(format: SchemaFormat, reading: PlainReading): object {
  return format === 'PROTOBUF' ? create(descriptor, { ...reading, sequence: BigInt(reading.sequence) } as never) : { ...reading };
}

/** A reading that they read. */
export function plainOf(read: unknown): PlainReading {
  const { deviceId, sequence, co2Ppm } = read as PlainReading;
  return { deviceId, sequence: Number(sequence), co2Ppm };
}

export interface JavascriptExchange {
  /** What ours read of theirs, and theirs of ours; equal to what was written. */
  readonly byOurs: PlainReading;
  readonly byTheirs: PlainReading;
  /** Versions of the subject after that: writing registers nothing anew. */
  readonly versions: readonly number[];
}

/** Registers the schema of a format; then each side writes a reading, and the other one reads it. */
export async function exchangeWithJavascript(
  url: string,
  client: SchemaRegistryClient,
  { format, topic }: { readonly format: SchemaFormat; readonly topic: string },
): Promise<JavascriptExchange> {
  const subject = `${topic}-value`;
  await client.register(subject, { schema: readingTexts[format], schemaType: format });
  const { serializer, deserializer } = serdesOf(client, format);
  const written = await serializer.serialize(topic, givenTo(format, theirs));
  return {
    byOurs: await decodeReading(url, subject, written),
    byTheirs: plainOf(await deserializer.deserialize(topic, await encodeReading(url, subject, ours))),
    versions: await client.getAllVersions(subject),
  };
}
