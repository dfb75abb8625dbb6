import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Binding, type Field, type FieldType, Rows } from '@penstock/kernel';
import { createEncoder } from '../codec.ts';
import type { SchemaRegistry } from '../registry/registry.ts';
import type { RuleExecutor } from '../rules/executor.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { createWireDecoder } from '../wire-decoder.ts';
import { createEncryptExecutors } from './encrypt-executors.ts';
import { createKeyring } from './keyring.ts';
import { MemoryKeys } from './testing/memory-keys.ts';

const texts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: '{"type":"record","name":"R","fields":[{"name":"owner","type":"string","confluent:tags":["PII"]},{"name":"photo","type":["null","bytes"],"confluent:tags":["PII"]},{"name":"room","type":"string"}]}',
  PROTOBUF:
    'syntax="proto3"; import "confluent/meta.proto"; message R { string owner = 1 [(confluent.field_meta).tags = "PII"]; bytes photo = 2 [(confluent.field_meta).tags = "PII"]; string room = 3; }',
  JSON: '{"type":"object","properties":{"owner":{"type":"string","confluent:tags":["PII"]},"photo":{"type":"string","contentEncoding":"base64","confluent:tags":["PII"]},"room":{"type":"string"}},"required":["owner","room"]}',
};
const formats: readonly SchemaFormat[] = ['AVRO', 'PROTOBUF', 'JSON'];
const photo = Buffer.from([1, 2, 3, 250]);

const field = (name: string, type: FieldType, nullable = false): Field => ({ name, type, nullable });
const fieldsOf = (format: SchemaFormat): Field[] => [
  field('owner', 'string'),
  field('photo', 'bytes', format !== 'PROTOBUF'),
  field('room', 'string'),
];
const bindingsOf = (format: SchemaFormat): Binding[] => fieldsOf(format).map((each, slot) => ({ field: each, slot }));

function rowsOf(format: SchemaFormat): Rows {
  const rows = new Rows(fieldsOf(format));
  rows.reset(1);
  rows.values(0)[0] = 'Ada';
  rows.values(1)[0] = photo;
  rows.values(2)[0] = 'attic';
  return rows;
}

const params = { 'encrypt.kek.name': 'lab', 'encrypt.kms.type': 'local-kms', 'encrypt.kms.key.id': 'one' };
const hide = { name: 'hide', type: 'ENCRYPT', kind: 'TRANSFORM', mode: 'WRITEREAD', tags: ['PII'], params };
const hideAll = { name: 'hideAll', type: 'ENCRYPT_PAYLOAD', kind: 'TRANSFORM', mode: 'WRITEREAD', params };

function schemaOf(format: SchemaFormat, ruleSet: object): Schema {
  return parseSchema({ format, text: texts[format], contract: { metadata: null, ruleSet: { ...ruleSet } } });
}

let keys = new MemoryKeys();
beforeEach(() => {
  keys = new MemoryKeys();
});

function executorsWith(env: Record<string, string> = { LOCAL_SECRET: 'hush' }): readonly RuleExecutor[] {
  return createEncryptExecutors(
    createKeyring({ registry: keys, env, clock: { nowMs: () => keys.nowMs, sleep: async () => undefined } }),
  );
}

const subject = 'rooms-value';

async function write(schema: Schema, executors = executorsWith()): Promise<Buffer> {
  const encoder = createEncoder(schema, bindingsOf(schema.format), { schemaId: 7, subject, executors });
  const rows = rowsOf(schema.format);
  await encoder.prepare?.(rows);
  return Buffer.from(encoder.encode(rows, 0));
}

async function read(schema: Schema, payload: Uint8Array, executors = executorsWith()): Promise<unknown[]> {
  const registry: SchemaRegistry = {
    schema: async () => schema,
    latest: async () => null,
    version: async () => null,
    register: async () => 0,
  };
  const decoder = createWireDecoder(registry, bindingsOf(schema.format), { subject, executors });
  const rows = new Rows(fieldsOf(schema.format));
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return [rows.values(0)[0], rows.values(1)[0], rows.values(2)[0]];
}

const clear = ['Ada', photo, 'attic'];

describe.each(formats)('%s', (format) => {
  test.each(['AES128_GCM', 'AES256_GCM', 'AES256_SIV'])(
    'fields of a tag are encrypted with %s, the others are not',
    async (algorithm) => {
      const schema = schemaOf(format, { domainRules: [{ ...hide, params: { ...params, 'encrypt.dek.algorithm': algorithm } }] });
      const payload = await write(schema);
      expect(payload.includes('Ada')).toBe(false);
      expect(payload.includes(photo)).toBe(false);
      expect(payload.includes(photo.toString('base64'))).toBe(false);
      expect(payload.includes('attic')).toBe(true);
      expect(await read(schema, payload)).toEqual(clear);
    },
  );

  test('a whole record is encrypted, but not its frame', async () => {
    const schema = schemaOf(format, { encodingRules: [hideAll] });
    const payload = await write(schema);
    expect(payload.readInt32BE(1)).toBe(7);
    expect(payload.includes('attic')).toBe(false);
    expect(await read(schema, payload)).toEqual(clear);
    expect(
      await read(
        schemaOf(format, { domainRules: [hide], encodingRules: [hideAll] }),
        await write(schemaOf(format, { domainRules: [hide], encodingRules: [hideAll] })),
      ),
    ).toEqual(clear);
  });

  test('who lacks the key gets what the rule says: the ciphertext, or nothing', async () => {
    const payload = await write(schemaOf(format, { domainRules: [hide] }));
    const passing = await read(
      schemaOf(format, { domainRules: [{ ...hide, onFailure: 'ERROR,NONE' }] }),
      payload,
      executorsWith({}),
    );
    expect(passing[2]).toBe('attic');
    expect(passing[0]).toMatch(/^[A-Za-z0-9+/]{40,}=*$/);
    await expect(read(schemaOf(format, { domainRules: [hide] }), payload, executorsWith({}))).rejects.toMatchObject({
      code: 'schema.broken-rule',
      remedy: 'reject',
      message: expect.stringContaining('set LOCAL_SECRET'),
    });
  });

  test.each([
    ['no KMS secret', {}, params],
    ['a KMS that is not supported', {}, { ...params, 'encrypt.kms.type': 'aws-kms' }],
    ['no name of a key', { LOCAL_SECRET: 'hush' }, {}],
  ])('nothing is written for want of a key, it waits: %s, though the rule says NONE', async (_, env, given) => {
    const ruled = (onFailure: string): Schema => schemaOf(format, { domainRules: [{ ...hide, params: given, onFailure }] });
    await expect(write(ruled('NONE'), executorsWith(env))).rejects.toMatchObject({ code: 'schema.key-awaited', remedy: 'retry' });
    await expect(write(ruled('ERROR'), executorsWith(env))).rejects.toMatchObject({ code: 'schema.key-awaited' });
    await expect(write(ruled('DLQ'), executorsWith(env))).rejects.toMatchObject({ code: 'schema.broken-rule', remedy: 'reject' });
    await expect(write(ruled('NONE'), [])).rejects.toMatchObject({ code: 'schema.broken-rule' });
  });
});

const avro = schemaOf('AVRO', { domainRules: [hide] });

test('a payload that was tampered with is not read', async () => {
  const payload = await write(avro);
  payload[payload.indexOf('attic') - 10] = (payload[payload.indexOf('attic') - 10] ?? 0) ^ 1;
  await expect(read(avro, payload)).rejects.toMatchObject({ code: 'schema.broken-rule' });
});

test('a record in clear, of a time before the rule, is not taken for a ciphertext', async () => {
  const payload = await write(schemaOf('AVRO', {}));
  await expect(read(avro, payload)).rejects.toMatchObject({ code: 'schema.broken-rule' });
});

test('an outage of the registry is waited out, though the rule says NONE, and nothing is taken for wrong', async () => {
  const passing = schemaOf('AVRO', { domainRules: [{ ...hide, onFailure: 'NONE' }] });
  const payload = await write(passing);
  keys.isAway = true;
  const executors = executorsWith();
  await expect(read(passing, payload, executors)).rejects.toMatchObject({ remedy: 'retry' });
  await expect(write(passing, executors)).rejects.toMatchObject({ remedy: 'retry' });
  keys.isAway = false;
  expect(await read(passing, payload, executors)).toEqual(clear);
});

test('ciphertexts name their key where it is replaced, and the old ones are still read', async () => {
  const rotating = schemaOf('AVRO', { domainRules: [{ ...hide, params: { ...params, 'encrypt.dek.expiry.days': '1' } }] });
  const executors = executorsWith();
  const first = await write(rotating, executors);
  keys.nowMs = 86_400_000;
  const second = await write(rotating, executors);
  const prefixOf = (payload: Buffer): string =>
    Buffer.from(payload.subarray(6, 14).toString(), 'base64').subarray(0, 5).toString('hex');
  expect([prefixOf(first), prefixOf(second)]).toEqual(['0000000001', '0000000002']);
  for (const payload of [first, second]) expect(await read(rotating, payload, executorsWith())).toEqual(clear);
});

test('a ciphertext does not choose among the keys by what is no version', async () => {
  const rotating = { ...hideAll, params: { ...params, 'encrypt.dek.expiry.days': '1' } };
  const schema = schemaOf('AVRO', { encodingRules: [rotating] });
  const payload = await write(schema);
  expect(await read(schema, payload)).toEqual(clear);
  payload.writeInt32BE(-1, 6); // the latest, as the registry is asked
  keys.asked.length = 0;
  await expect(read(schema, payload)).rejects.toMatchObject({ code: 'schema.broken-rule' });
  expect(keys.asked).toEqual([]);
});

test.each<readonly [format: SchemaFormat, type: FieldType, text: string, said: string]>([
  [
    ...(['AVRO', 'number'] as const),
    '{"type":"record","name":"R","fields":[{"name":"born","type":"double","confluent:tags":["PII"]}]}',
    'R.born is of type DOUBLE, which cannot be encrypted',
  ],
  [
    ...(['PROTOBUF', 'time'] as const),
    'syntax="proto3"; import "confluent/meta.proto"; import "google/protobuf/timestamp.proto"; message R { google.protobuf.Timestamp born = 1 [(confluent.field_meta).tags = "PII"]; }',
    'R.born is of type RECORD, which cannot be encrypted',
  ],
])('what is neither text nor bytes is not written where its tag says that it is to be encrypted: %s %s', async (...row) => {
  const [format, type, text, said] = row;
  const schema = parseSchema({
    ...{ format, text },
    contract: { metadata: null, ruleSet: { domainRules: [{ ...hide, onFailure: 'NONE' }] } },
  });
  const born = field('born', type, format === 'PROTOBUF');
  const rows = new Rows([born]);
  rows.reset(1);
  rows.numbers(0)[0] = 36;
  const encoder = createEncoder(schema, [{ field: born, slot: 0 }], { schemaId: 7, subject, executors: executorsWith() });
  await encoder.prepare?.(rows);
  expect(() => encoder.encode(rows, 0)).toThrow(said);
});

test('what is refused tells no secret', async () => {
  const payload = await write(avro);
  const refused = await read(avro, payload, executorsWith({ LOCAL_SECRET: 'not-this-one' })).catch((thrown: unknown) => thrown);
  for (let each = refused; each instanceof Error; each = each.cause)
    expect(JSON.stringify([each.message, each.stack, Object.entries(each)])).not.toMatch(/not-this-one|hush|Ada/);
});
