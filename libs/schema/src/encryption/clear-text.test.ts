import { describe, expect, test } from '@jest/globals';
import { type Field, Problem, Rows } from '@penstock/kernel';
import { createDecoder, createEncoder } from '../codec.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { createEncryptExecutors } from './encrypt-executors.ts';
import { createKeyring } from './keyring.ts';
import { MemoryKeys } from './testing/memory-keys.ts';

const texts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: '{"type":"record","name":"R","fields":[{"name":"owner","type":"string","confluent:tags":["PII"]},{"name":"room","type":"string"}]}',
  PROTOBUF:
    'syntax="proto3"; import "confluent/meta.proto"; message R { string owner = 1 [(confluent.field_meta).tags = "PII"]; string room = 2; }',
  JSON: '{"type":"object","properties":{"owner":{"type":"string","confluent:tags":["PII"]},"room":{"type":"string"}}}',
};
const formats: readonly SchemaFormat[] = ['AVRO', 'PROTOBUF', 'JSON'];
const fields: readonly Field[] = ['owner', 'room'].map((name) => ({ name, type: 'string', nullable: false }));
const bindings = fields.map((field, slot) => ({ field, slot }));
const secret = 'Ada-of-attic';

const params = { 'encrypt.kek.name': 'lab', 'encrypt.kms.type': 'local-kms', 'encrypt.kms.key.id': 'one' };
const hide = { name: 'hide', type: 'ENCRYPT', kind: 'TRANSFORM', mode: 'WRITEREAD', tags: ['PII'], params };
const executors = createEncryptExecutors(createKeyring({ registry: new MemoryKeys(), env: { LOCAL_SECRET: 'hush' } }));
const surroundings = { subject: 'rooms-value', executors };

function schemaOf(format: SchemaFormat, domainRules: readonly object[]): Schema {
  return parseSchema({ format, text: texts[format], contract: { metadata: null, ruleSet: { domainRules } } });
}

async function write(schema: Schema): Promise<Buffer> {
  const encoder = createEncoder(schema, bindings, { schemaId: null, ...surroundings });
  const rows = new Rows(fields);
  rows.reset(1);
  rows.values(0)[0] = secret;
  rows.values(1)[0] = 'attic';
  await encoder.prepare?.(rows);
  return Buffer.from(encoder.encode(rows, 0));
}

async function read(schema: Schema, payload: Uint8Array): Promise<unknown> {
  const { fields: own } = schema.shape;
  const decoder = createDecoder(
    schema,
    own.map((field, slot) => ({ field, slot })),
    surroundings,
  );
  const rows = new Rows(own);
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return rows.values(0)[0];
}

const rules = [
  { type: 'CEL', kind: 'CONDITION', expr: 'int(message.owner) > 3' },
  { type: 'CEL', kind: 'CONDITION', expr: '{"a": 1}[message.owner] == 3' },
  { type: 'CEL', kind: 'CONDITION', expr: '"(".matches(message.owner + "(")' },
  { type: 'CEL', kind: 'TRANSFORM', expr: '{"owner": "x", "room": [message.owner]}' },
  { type: 'CEL_FIELD', kind: 'TRANSFORM', tags: ['PII'], expr: 'int(value)' },
  { type: 'JSONATA', kind: 'TRANSFORM', expr: '$number(owner)' },
  { type: 'JSONATA', kind: 'TRANSFORM', expr: '$error(owner)' },
  { type: 'JSONATA', kind: 'TRANSFORM', expr: '{"owner": "x", "room": {"a": owner}}' },
];

/** All that a dead letter, a log or an answer could tell of what was thrown. */
function told(thrown: unknown): string {
  let text = '';
  for (let each = thrown; each instanceof Error; each = each.cause)
    text += `${each.message} ${JSON.stringify(each instanceof Problem ? each.facts : null)} `;
  return text;
}

describe.each(formats)('a record of %s that another rule keeps back does not say what it hides', (format) => {
  test.each(rules)('read: $expr', async (rule) => {
    const sealed = await write(schemaOf(format, [hide]));
    const schema = schemaOf(format, [{ name: 'other', mode: 'READ', ...rule }, hide]);
    const outcome = await read(schema, sealed).then(String, told);
    expect(outcome).toContain('rule other: ');
    expect(outcome).not.toContain(secret);
  });

  test.each(rules)('written: $expr', async (rule) => {
    const schema = schemaOf(format, [{ name: 'other', mode: 'WRITE', ...rule }, hide]);
    const outcome = await write(schema).then(String, told);
    expect(outcome).toMatch(/^rule (other|hide): /);
    expect(outcome).not.toContain(secret);
  });
});

test('what says nothing of values is told', async () => {
  const condition = { name: 'short', type: 'CEL_FIELD', kind: 'CONDITION', tags: ['PII'], expr: 'size(value) < 3' };
  await expect(write(schemaOf('AVRO', [{ ...condition, mode: 'WRITE' }, hide]))).rejects.toThrow('R.owner does not hold');
  const text = texts.JSON.replace('"type":"string",', '"type":"string","maxLength":20,');
  const contract = { metadata: null, ruleSet: { domainRules: [hide] } };
  await expect(write(parseSchema({ format: 'JSON', text, contract }))).rejects.toThrow(
    'owner must NOT have more than 20 characters',
  );
});

test('a record that was encrypted as a whole and does not fit its schema is not told', async () => {
  const hideAll = { name: 'hideAll', type: 'ENCRYPT_PAYLOAD', kind: 'TRANSFORM', mode: 'WRITEREAD', params };
  const contract = { metadata: null, ruleSet: { encodingRules: [hideAll] } };
  const sealed = await write(parseSchema({ format: 'JSON', text: texts.JSON, contract }));
  const narrow = texts.JSON.replace('"room":{"type":"string"}', '"room":{"type":"integer"}');
  const outcome = await read(parseSchema({ format: 'JSON', text: narrow, contract }), sealed).then(String, told);
  expect(outcome).toContain('room: schema.wrong-type, and why is not told of what is encrypted');
  expect(outcome).not.toContain('attic');
});
