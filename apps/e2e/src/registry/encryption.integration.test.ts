import { createMutableRegistry } from '@bufbuild/protobuf';
import {
  AvroDeserializer,
  AvroSerializer,
  type Deserializer,
  EncryptionExecutor,
  FieldEncryptionExecutor,
  JsonDeserializer,
  JsonSerializer,
  LocalKmsDriver,
  ProtobufDeserializer,
  ProtobufSerializer,
  type RuleSet,
  SchemaRegistryClient,
  SerdeType,
  type Serializer,
} from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';
import { type EncryptingCodec, openEncryptingCodec } from './encrypting-codec.ts';
import { given, guest, guestDescriptor, guestTexts, plainGuest } from './guest.ts';

/** Fields and records that one side encrypts with a key of our registry, and the other side decrypts. */
const env = { LOCAL_SECRET: 'penstock-lab' };
const dayMs = 86_400_000;
let aheadMs = 0;
let gateway: TestedGateway;
let client: SchemaRegistryClient;
beforeAll(async () => {
  gateway = await openGateway();
  client = new SchemaRegistryClient({ baseURLs: [gateway.url] });
  const clock = { now: () => Date.now() + aheadMs };
  LocalKmsDriver.register();
  FieldEncryptionExecutor.registerWithClock(clock);
  EncryptionExecutor.registerWithClock(clock);
});
afterAll(async () => {
  delete process.env['LOCAL_SECRET'];
  await gateway[Symbol.asyncDispose]();
});

interface Serdes {
  readonly serializer: Serializer;
  readonly deserializer: Deserializer;
}

function serdesOf(format: SchemaFormat): Serdes {
  const at = SerdeType.VALUE;
  const secret = { ruleConfig: { secret: env.LOCAL_SECRET } };
  const conf = { useLatestVersion: true, ...secret };
  if (format === 'AVRO')
    return { serializer: new AvroSerializer(client, at, conf), deserializer: new AvroDeserializer(client, at, secret) };
  if (format === 'JSON')
    return { serializer: new JsonSerializer(client, at, conf), deserializer: new JsonDeserializer(client, at, secret) };
  const registry = createMutableRegistry(guestDescriptor);
  return {
    serializer: new ProtobufSerializer(client, at, { ...conf, registry }),
    deserializer: new ProtobufDeserializer(client, at, secret),
  };
}

interface Case extends Serdes {
  readonly topic: string;
  readonly ours: EncryptingCodec;
}

async function caseOf(
  format: SchemaFormat,
  { type = 'ENCRYPT', params = {} }: { type?: string; params?: object },
): Promise<Case> {
  const topic = randomName('guests');
  const rule = {
    ...{ name: 'hide', kind: 'TRANSFORM', mode: 'WRITEREAD', type, onFailure: 'ERROR,NONE' },
    ...(type === 'ENCRYPT' ? { tags: ['PII'] } : {}),
    params: { 'encrypt.kek.name': `${topic}-kek`, 'encrypt.kms.type': 'local-kms', 'encrypt.kms.key.id': 'lab', ...params },
  };
  const ruleSet = (type === 'ENCRYPT' ? { domainRules: [rule] } : { encodingRules: [rule] }) as unknown as RuleSet;
  await client.register(`${topic}-value`, { schema: guestTexts[format], schemaType: format, ruleSet });
  return { topic, ours: await openEncryptingCodec({ url: gateway.url, topic, env }), ...serdesOf(format) };
}

/** Each side writes first for some, so that each makes the keys for some. */
async function exchange(
  format: SchemaFormat,
  { topic, ours, serializer, deserializer }: Case,
  first: 'ours' | 'theirs',
): Promise<Buffer[]> {
  const writing = { ours: () => ours.write(guest), theirs: () => serializer.serialize(topic, given(format)) };
  const payloads: Buffer[] = [];
  for (const side of first === 'ours' ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const))
    payloads.push(await writing[side]());
  for (const payload of payloads) {
    expect(payload.includes(guest.owner)).toBe(false);
    expect(plainGuest(await ours.read(payload))).toEqual(guest);
    expect(plainGuest(await deserializer.deserialize(topic, payload))).toEqual(guest);
  }
  return payloads;
}

describe.each(schemaFormats)('in %s', (format) => {
  test.each(['AES128_GCM', 'AES256_GCM', 'AES256_SIV'])('fields encrypted with %s are read by both sides', async (algorithm) => {
    const both = await caseOf(format, { params: { 'encrypt.dek.algorithm': algorithm } });
    const payloads = await exchange(format, both, algorithm === 'AES256_GCM' ? 'theirs' : 'ours');
    for (const payload of payloads) expect(payload.includes(guest.room)).toBe(true);
    if (algorithm === 'AES256_SIV') expect(payloads[0]).toEqual(payloads[1]);
  });

  test('a record encrypted as a whole is read by both sides', async () => {
    const payloads = await exchange(format, await caseOf(format, { type: 'ENCRYPT_PAYLOAD' }), 'theirs');
    for (const payload of payloads) expect(payload.includes(guest.room)).toBe(false);
  });
});

test('keys that either side replaced when their days were over are found by the other one', async () => {
  const both = await caseOf('AVRO', { params: { 'encrypt.dek.expiry.days': '1' } });
  const { topic, ours, serializer, deserializer } = both;
  const clock = { nowMs: () => Date.now() + aheadMs, sleep: async () => undefined };
  const later = await openEncryptingCodec({ url: gateway.url, topic, env, clock });
  const payloads = await exchange('AVRO', both, 'ours');
  aheadMs = 2 * dayMs;
  payloads.push(await later.write(guest), await serializer.serialize(topic, given('AVRO')));
  aheadMs = 0;
  const keks = `${gateway.url}/dek-registry/v1/keks/${topic}-kek`;
  const versions = await (await fetch(`${keks}/deks/${topic}-value/versions`)).json();
  expect(versions).toEqual([1, 2, 3]);
  for (const payload of payloads) {
    expect(plainGuest(await ours.read(payload))).toEqual(guest);
    expect(plainGuest(await deserializer.deserialize(topic, payload))).toEqual(guest);
  }
});

test('who lacks the secret reads the ciphertext where the rule lets it pass, and writes nothing', async () => {
  const { topic, serializer } = await caseOf('AVRO', {});
  const payload = await serializer.serialize(topic, given('AVRO'));
  const without = await openEncryptingCodec({ url: gateway.url, topic, env: {} });
  const read = await without.read(payload);
  expect(read.room).toBe(guest.room);
  expect(read.owner).toMatch(/^[\w+/]{20,}=*$/);
  await expect(without.write(guest)).rejects.toMatchObject({ code: 'schema.key-awaited', remedy: 'retry' });
});

test('processes that write at the same time agree on one key', async () => {
  const { topic } = await caseOf('AVRO', {});
  const codecs = await Promise.all([1, 2, 3, 4].map(() => openEncryptingCodec({ url: gateway.url, topic, env })));
  const payloads = await Promise.all(codecs.map((codec) => codec.write(guest)));
  for (const payload of payloads) for (const codec of codecs) expect(plainGuest(await codec.read(payload))).toEqual(guest);
});

test('where the key is shared, the registry makes it and tells it, and nobody else needs the secret', async () => {
  process.env['LOCAL_SECRET'] = 'of the gateway';
  const { topic } = await caseOf('AVRO', {});
  const kek = { name: `${topic}-kek`, kmsType: 'local-kms', kmsKeyId: 'lab', shared: true };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${gateway.url}/dek-registry/v1/keks`, { method: 'POST', headers, body: JSON.stringify(kek) });
  expect(answer.status).toBe(200);
  const [writer, reader] = await Promise.all([1, 2].map(() => openEncryptingCodec({ url: gateway.url, topic, env: {} })));
  const payload = await writer?.write(guest);
  expect(payload?.includes(guest.owner)).toBe(false);
  expect(plainGuest(await reader?.read(payload ?? Buffer.alloc(0)))).toEqual(guest);
});
