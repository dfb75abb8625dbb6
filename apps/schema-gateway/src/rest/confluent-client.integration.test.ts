import { create, createMutableRegistry } from '@bufbuild/protobuf';
import {
  AvroDeserializer,
  AvroSerializer,
  Compatibility,
  type Deserializer,
  JsonDeserializer,
  JsonSerializer,
  ProtobufDeserializer,
  ProtobufSerializer,
  SchemaRegistryClient,
  SerdeType,
  type Serializer,
} from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Binding, Rows } from '@penstock/kernel';
import {
  createEncoder,
  createRestRegistry,
  createWireDecoder,
  type ProtobufSchema,
  parseSchema,
  type SchemaFormat,
} from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';

/** The client and the codecs that Confluent publishes, against our registry, and its bytes against our codecs, both ways. */
let gateway: TestedGateway;
let client: SchemaRegistryClient;
beforeAll(async () => {
  gateway = await openGateway();
  client = new SchemaRegistryClient({ baseURLs: [gateway.url] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const texts: Readonly<Record<SchemaFormat, string>> = {
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

describe('the client of Confluent', () => {
  test('registers, finds, checks, configures and deletes', async () => {
    const subject = randomName('client');
    const info = { schema: texts.AVRO, schemaType: 'AVRO' };
    const id = await client.register(subject, info);
    expect(await client.getId(subject, info)).toBe(id);
    expect(await client.getVersion(subject, info)).toBe(1);
    expect(await client.getBySubjectAndId(subject, id)).toEqual({ schema: texts.AVRO });
    expect(await client.getLatestSchemaMetadata(subject)).toMatchObject({ id, version: 1, subject });
    expect(await client.getSchemaMetadata(subject, 1)).toMatchObject({ id });
    expect(await client.getAllVersions(subject)).toEqual([1]);
    expect(await client.getAllSubjects()).toContain(subject);
    const narrower = { schema: texts.AVRO.replace('"string"', '"int"'), schemaType: 'AVRO' };
    expect(await client.testSubjectCompatibility(subject, narrower)).toBe(false);
    expect(await client.testCompatibility(subject, 1, info)).toBe(true);
    await expect(client.register(subject, narrower)).rejects.toMatchObject({ errorCode: 409, status: 409 });
    expect(await client.updateCompatibility(subject, Compatibility.FULL)).toBe('FULL');
    expect(await client.getCompatibility(subject)).toBe('FULL');
    expect(await client.deleteSubjectVersion(subject, 1)).toBe(1);
    expect(await client.deleteSubject(subject, true)).toEqual([1]);
    await expect(client.getAllVersions(subject)).rejects.toMatchObject({ errorCode: 40_401, status: 404 });
  });
});

const record = { deviceId: 'co2-7', sequence: 9_007_199_254_740, co2Ppm: 415.25 };
const protobuf = parseSchema({ format: 'PROTOBUF', text: texts.PROTOBUF }) as ProtobufSchema;
const descriptor = protobuf.message;

/** Ours and theirs of one format. */
interface Pair {
  readonly format: SchemaFormat;
  serializer(): Serializer;
  deserializer(): Deserializer;
}

const pairs: readonly Pair[] = [
  {
    format: 'AVRO',
    serializer: () => new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true }),
    deserializer: () => new AvroDeserializer(client, SerdeType.VALUE, {}),
  },
  {
    format: 'JSON',
    serializer: () => new JsonSerializer(client, SerdeType.VALUE, { useLatestVersion: true }),
    deserializer: () => new JsonDeserializer(client, SerdeType.VALUE, {}),
  },
  {
    format: 'PROTOBUF',
    serializer: () =>
      new ProtobufSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: true, registry: createMutableRegistry(descriptor) }),
    deserializer: () => new ProtobufDeserializer(client, SerdeType.VALUE, {}),
  },
];

describe.each(pairs)('records in $format', ({ format, serializer, deserializer }) => {
  const topic = randomName('topic');
  async function bindingsOf(): Promise<Binding[]> {
    const latest = await createRestRegistry({ url: gateway.url }).latest(`${topic}-value`);
    return (latest?.schema.shape.fields ?? []).map((field, slot) => ({ field, slot }));
  }

  beforeAll(async () => {
    await client.register(`${topic}-value`, { schema: texts[format], schemaType: format });
  });

  test('written by ours are read by theirs', async () => {
    const registry = createRestRegistry({ url: gateway.url });
    const latest = await registry.latest(`${topic}-value`);
    if (latest === null) throw new Error('nothing is registered');
    const bindings = await bindingsOf();
    const rows = new Rows(bindings.map(({ field }) => field));
    rows.reset(1);
    rows.values(0)[0] = record.deviceId;
    rows.numbers(1)[0] = record.sequence;
    rows.numbers(2)[0] = record.co2Ppm;
    const bytes = createEncoder(latest.schema, bindings, latest.id).encode(rows, 0);
    const read = (await deserializer().deserialize(topic, Buffer.from(bytes))) as Record<string, unknown>;
    expect({ ...read, sequence: Number(read['sequence']) }).toMatchObject(record);
  });

  test('written by theirs are read by ours', async () => {
    const bindings = await bindingsOf();
    const given = format === 'PROTOBUF' ? messageOf(record) : record;
    const bytes = await serializer().serialize(topic, given);
    expect(await client.getAllVersions(`${topic}-value`)).toEqual([1]);
    const rows = new Rows(bindings.map(({ field }) => field));
    rows.reset(1);
    const decoder = createWireDecoder(createRestRegistry({ url: gateway.url }), bindings);
    await decoder.prepare(bytes);
    decoder.decode(bytes, rows, 0);
    expect([rows.values(0)[0], rows.numbers(1)[0], rows.numbers(2)[0]]).toEqual([
      record.deviceId,
      record.sequence,
      record.co2Ppm,
    ]);
  });
});

/** Their serialiser of Protobuf takes messages that know their type. */
function messageOf({ deviceId, sequence, co2Ppm }: typeof record): object {
  return create(descriptor, { deviceId, sequence: BigInt(sequence), co2Ppm } as never);
}
