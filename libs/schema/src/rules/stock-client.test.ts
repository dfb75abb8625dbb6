import {
  AvroSerializer,
  CelFieldExecutor,
  JsonSerializer,
  type RuleSet,
  SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry';
import { beforeAll, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import { frameBytes } from '../wire/frame.ts';
import { compileRules } from './apply-rules.ts';
import { openRecordForm } from './record-form.ts';

type Json = Readonly<Record<string, unknown>>;
type Format = 'AVRO' | 'JSON';

beforeAll(() => {
  CelFieldExecutor.register();
});

const upper = { name: 'r', type: 'CEL_FIELD', kind: 'TRANSFORM', mode: 'WRITE', tags: ['PII'] };
const telling = "typeName == 'STRING' ; value + '|' + name + '|' + fullName + '|' + typeName";

/** What the stock serializer makes of a record, without its frame, read again. */
async function byTheirs(format: Format, json: Json, record: Json): Promise<unknown> {
  const client = SchemaRegistryClient.newClient({ baseURLs: ['mock://'] });
  const ruleSet = { domainRules: [{ ...upper, expr: telling }] } as unknown as RuleSet;
  await client.register('t-value', { schema: JSON.stringify(json), schemaType: format, ruleSet }, false);
  const Serializer = format === 'AVRO' ? AvroSerializer : JsonSerializer;
  const payload = await new Serializer(client, SerdeType.VALUE, { useLatestVersion: true }).serialize(
    't',
    structuredClone(record),
  );
  return openRecordForm(parseSchema({ format, text: JSON.stringify(json) })).read(payload.subarray(frameBytes));
}

function byOurs(format: Format, json: Json, record: Json): unknown {
  const contract = { metadata: null, ruleSet: { domainRules: [{ ...upper, expr: telling }] } };
  const schema = parseSchema({ format, text: JSON.stringify(json), contract });
  const form = openRecordForm(schema);
  return form.read(compileRules(schema, 'WRITE', {})?.run(form.write(record)) as Uint8Array);
}

const secret = { type: 'string', 'confluent:tags': ['PII'] };
const open = { type: 'object', properties: { a: secret, b: { type: 'string' } } };
const wrong = { type: 'object', required: ['z'], properties: { b: secret } };
const record = { a: 'x', b: 'y' };
const $schema = 'http://json-schema.org/draft-07/schema#';
const inner = (name: string, ...fields: readonly Json[]): Json => ({ type: 'record', name, fields });
const tagged = { name: 'id', type: 'string', 'confluent:tags': ['PII'] };

const cases: readonly [string, Format, Json, Json][] = [
  ['properties', 'JSON', open, record],
  ['allOf', 'JSON', { type: 'object', allOf: [open] }, record],
  ['oneOf', 'JSON', { type: 'object', oneOf: [wrong, { ...open, required: ['a'] }] }, record],
  ['anyOf', 'JSON', { type: 'object', anyOf: [wrong, open] }, record],
  [
    'a list of records',
    'JSON',
    { type: 'object', properties: { l: { type: 'array', items: open } } },
    { l: [record, { ...record }] },
  ],
  [
    'a list of texts',
    'JSON',
    { type: 'object', properties: { l: { type: 'array', items: { type: 'string' }, 'confluent:tags': ['PII'] } } },
    { l: ['x'] },
  ],
  [
    'a reference',
    'JSON',
    { type: 'object', properties: { r: { $ref: '#/definitions/o' } }, definitions: { o: open } },
    { r: record },
  ],
  [
    'a reference of a text',
    'JSON',
    { type: 'object', properties: { a: { $ref: '#/definitions/s' } }, definitions: { s: secret } },
    record,
  ],
  ['null or text', 'JSON', { type: 'object', properties: { a: { ...secret, type: ['null', 'string'] } } }, record],
  ['an enum', 'JSON', { type: 'object', properties: { a: { ...secret, enum: ['x'] } } }, record],
  ['a record', 'AVRO', inner('p.R', tagged, { name: 'b', type: 'string' }), { id: 'x', b: 'y' }],
  ['null or text', 'AVRO', inner('R', { ...tagged, type: ['null', 'string'] }), { id: 'x' }],
  [
    'a list and a map',
    'AVRO',
    inner(
      'R',
      { ...tagged, type: { type: 'array', items: 'string' } },
      { ...tagged, name: 'm', type: { type: 'map', values: 'string' } },
    ),
    { id: ['x', 'y'], m: { k: 'z' } },
  ],
  [
    'one of two records',
    'AVRO',
    inner('R', { name: 'u', type: [inner('A', { name: 'id', type: 'string' }), inner('B', tagged)] }),
    { u: { B: { id: 'x' } } },
  ],
  [
    'the other of two records',
    'AVRO',
    inner('R', { name: 'u', type: [inner('A', { name: 'id', type: 'string' }), inner('B', tagged)] }),
    { u: { A: { id: 'x' } } },
  ],
  ['an enum', 'AVRO', inner('R', { ...tagged, type: { type: 'enum', name: 'E', symbols: ['x'] } }), { id: 'x' }],
];

test.each(cases)('the stock client and ours visit the same fields: %s of %s', async (...[, format, json, given]) => {
  const schema = format === 'JSON' ? { $schema, ...json } : json;
  expect(byOurs(format, schema, given)).toEqual(await byTheirs(format, schema, given));
});
