import { describe, expect, test } from '@jest/globals';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { compileRules } from './apply-rules.ts';

type Json = Readonly<Record<string, unknown>>;

/** A transform, or what is said of it. */
function schemaWith(format: SchemaFormat, text: string, ...rules: readonly Json[]): Schema {
  const domainRules = rules.map((rule, index) => ({ name: `r${index}`, type: 'CEL', kind: 'TRANSFORM', mode: 'WRITE', ...rule }));
  return parseSchema({ format, text, contract: { metadata: null, ruleSet: { domainRules } } });
}

/** What a rule makes of bytes. */
function ruled(schema: Schema, bytes: Uint8Array): Buffer {
  return Buffer.from(compileRules(schema, 'WRITE', {})?.run(bytes) as Uint8Array);
}

const avro = '{"type":"record","name":"R","fields":[{"name":"n","type":["null","long"]},{"name":"i","type":"int"}]}';
const proto = 'syntax = "proto3"; package p; message R { string a = 1; string b = 2; int64 n = 3; int32 i = 4; uint64 u = 5; }';
/** 2^62 + 1 as a zigzag varint, of the second branch of its union, and 7. */
const avroBytes = Buffer.from('02' + '828080808080808080' + '01' + '0e', 'hex');

describe('integers beyond 2^53 survive a transform', () => {
  test('of Avro', () => {
    expect(ruled(schemaWith('AVRO', avro, { expr: "{'n': message.n, 'i': message.i + 1}" }), avroBytes).toString('hex')).toBe(
      `${avroBytes.subarray(0, -1).toString('hex')}10`,
    );
    const less = schemaWith('AVRO', avro, { type: 'CEL_FIELD', expr: "typeName == 'LONG' ; value - 1" });
    expect(ruled(less, avroBytes).toString('hex')).toBe(`02${'80'.repeat(8)}80010e`);
    const condition = schemaWith('AVRO', avro, { kind: 'CONDITION', expr: 'message.n == 4611686018427387905' });
    expect(() => ruled(condition, avroBytes)).not.toThrow();
  });

  test('of Protobuf', () => {
    const bytes = Buffer.from('18' + '818080808080808040' + '28' + '818080808080808040', 'hex'); // n, u: 2^62 + 1
    const more = schemaWith('PROTOBUF', proto, { type: 'CEL_FIELD', expr: 'value + 1' });
    expect(ruled(more, bytes).toString('hex')).toBe('18' + '828080808080808040' + '28' + '828080808080808040');
  });

  test('of JSON, and numbers that are left where they were keep how they were written', () => {
    const text = '{"type":"object","properties":{"id":{"type":"integer"},"a":{"type":"string"}}}';
    const record = '{"id":9007199254740993,"a":"x","more":[1.10,1e3,123456789012345678901234567890,{"x":-0.0}]}';
    const onFields = schemaWith('JSON', text, { type: 'CEL_FIELD', expr: "typeName == 'STRING' ; value.upperAscii()" });
    expect(String(ruled(onFields, Buffer.from(record)))).toBe(record.replace('"x"', '"X"'));
    const whole = schemaWith('JSON', text, { expr: "{'id': message.id, 'a': 'X', 'more': message.more}" });
    expect(String(ruled(whole, Buffer.from(record)))).toBe(record.replace('"x"', '"X"'));
    const sum = schemaWith('JSON', text, { expr: "{'id': message.id + 2, 'more': [message.more[0] + 1.0, message.more[1]]}" });
    expect(String(ruled(sum, Buffer.from(record)))).toBe('{"id":9007199254740995,"more":[2.1,1e3]}');
  });

  test('of JSON, where a branch is to be chosen by them', () => {
    const text = JSON.stringify({ type: 'object', oneOf: [{ properties: { id: { type: 'integer' }, a: { type: 'string' } } }] });
    const upper = schemaWith('JSON', text, { type: 'CEL_FIELD', expr: "typeName == 'STRING' ; value.upperAscii()" });
    expect(String(ruled(upper, Buffer.from('{"id":9007199254740993,"a":"x"}')))).toBe('{"id":9007199254740993,"a":"X"}');
  });
});

test('a transform of Protobuf that fails half-way and lets records pass leaves nothing behind', () => {
  const bytes = Buffer.from('0a0161' + '120162' + '2005', 'hex');
  const failing = (expr: string): Buffer =>
    ruled(schemaWith('PROTOBUF', proto, { type: 'CEL_FIELD', onFailure: 'NONE', expr }), bytes);
  expect(failing("name == 'b' ? value.nothing() : value.upperAscii()")).toEqual(bytes);
  const upper = { type: 'CEL_FIELD', expr: "name == 'a' ; value.upperAscii()" };
  const texts = { type: 'CEL_FIELD', onFailure: 'NONE', expr: "'x'" }; // which is no number
  expect(ruled(schemaWith('PROTOBUF', proto, upper, texts), bytes)).toEqual(Buffer.from('0a0141' + '120162' + '2005', 'hex'));
});

test('what a transform of JSON makes is judged by all of its schema', () => {
  const text = '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}';
  const wrong = (expr: string) => () => ruled(schemaWith('JSON', text, { expr }), Buffer.from('{"a":"x"}'));
  expect(wrong("{'a': 5}")).toThrow('a must be string');
  expect(wrong("{'b': 'x'}")).toThrow("must have required property 'a'");
});

test.each([
  [`message.a == "x;y"`, true],
  [`message.a == 'x;y'`, true],
  [`message.a == 'x\\';y'`, false],
  [`message.a == """x;y"""`, true],
  [`message.a == r'x;y'`, true],
  [`message.a == r'x\\' ; true`, true],
  [`message.a == 'x;y' ; message.a != "x;y"`, false],
  [`message.a == 'no;' ; false`, true],
  [` ; message.a == 'x;y'`, true],
])('a semicolon in a text ends no guard: %s', (expr, holds) => {
  const text = '{"type":"object","properties":{"a":{"type":"string"}}}';
  const run = (): unknown => ruled(schemaWith('JSON', text, { kind: 'CONDITION', expr }), Buffer.from('{"a":"x;y"}'));
  if (holds) expect(run).not.toThrow();
  else expect(run).toThrow('it does not hold');
});
