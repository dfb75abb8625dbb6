import { describe, expect, test } from '@jest/globals';
import { type Field, Problem, Rows } from '@penstock/kernel';
import { createDecoder, createEncoder } from '../codec.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { checkRules } from './apply-rules.ts';

const texts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: '{"type":"record","name":"R","fields":[{"name":"room","type":"string"},{"name":"co2","type":"double"}]}',
  JSON: '{"type":"object","properties":{"room":{"type":"string"},"co2":{"type":"number"}},"required":["room","co2"]}',
  PROTOBUF: 'syntax = "proto3"; package p; message R { string room = 1; double co2 = 2; }',
};
const formats = Object.keys(texts) as SchemaFormat[];
const room: Field = { name: 'room', type: 'string', nullable: false };
const co2: Field = { name: 'co2', type: 'number', nullable: false };
const both = [
  { field: room, slot: 0 },
  { field: co2, slot: 1 },
];

interface GivenRule {
  readonly [name: string]: unknown;
}

function schemaWith(format: SchemaFormat, ...domainRules: readonly GivenRule[]): Schema {
  const named = domainRules.map((rule, index) => ({ name: `r${index}`, type: 'CEL', ...rule }));
  return parseSchema({ format, text: texts[format], contract: { metadata: null, ruleSet: { domainRules: named } } });
}

/** What is written by one schema and read by the other; a rule that keeps it back is named. */
function pass(written: Schema, read: Schema, reading: readonly [string, number]): unknown {
  const [inRoom, value] = reading;

  const rows = new Rows([room, co2]);
  rows.reset(1);
  rows.values(0)[0] = inRoom;
  rows.numbers(1)[0] = value;
  try {
    const payload = createEncoder(written, both, null).encode(rows, 0);
    const into = new Rows([room, co2]);
    into.reset(1);
    createDecoder(read, both).decode(payload, into, 0);
    return [into.values(0)[0], into.numbers(1)[0]];
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return `${thrown.code} ${String(thrown.facts['rule'])}`;
  }
}

const plain = (format: SchemaFormat): Schema => parseSchema({ format, text: texts[format] });

describe.each(formats)('rules of %s', (format) => {
  const breathable = { kind: 'CONDITION', expr: 'message.co2 < 5000.0' };

  test('a condition keeps back what does not hold, when it is written and when it is read', () => {
    const ruled = schemaWith(format, breathable);
    expect(pass(ruled, ruled, ['a', 400])).toEqual(['a', 400]);
    expect(pass(ruled, plain(format), ['a', 9_000])).toBe('schema.broken-rule r0');
    expect(pass(plain(format), ruled, ['a', 9_000])).toBe('schema.broken-rule r0');
  });

  test('a condition sees fields that the stage does not name', () => {
    const ruled = schemaWith(format, { kind: 'CONDITION', mode: 'READ', expr: "message.room != 'attic'" });
    const rows = new Rows([room, co2]);
    rows.reset(1);
    rows.values(0)[0] = 'attic';
    rows.numbers(1)[0] = 400;
    const payload = createEncoder(plain(format), both, null).encode(rows, 0);
    const decoder = createDecoder(ruled, both.slice(1));
    expect(() => decoder.decode(payload, rows, 0)).toThrow('rule r0: it does not hold');
  });

  test('modes, guards, switched off rules and actions are minded', () => {
    const writing = schemaWith(format, { ...breathable, mode: 'WRITE' });
    expect(pass(plain(format), writing, ['a', 9_000])).toEqual(['a', 9_000]);
    const guarded = schemaWith(format, { ...breathable, expr: "message.room == 'b' ; message.co2 < 5000.0" });
    expect(pass(guarded, guarded, ['a', 9_000])).toEqual(['a', 9_000]);
    expect(pass(guarded, guarded, ['b', 9_000])).toBe('schema.broken-rule r0');
    const off = schemaWith(format, { ...breathable, disabled: true });
    expect(pass(off, off, ['a', 9_000])).toEqual(['a', 9_000]);
    const pair = schemaWith(format, { ...breathable, onFailure: 'DLQ,NONE' });
    expect(pass(pair, pair, ['a', 9_000])).toBe('schema.broken-rule r0');
    expect(pass(plain(format), pair, ['a', 9_000])).toEqual(['a', 9_000]);
  });

  test('a rule that this build cannot run keeps records back unless its action lets them pass', () => {
    const unknown = schemaWith(format, { type: 'ENCRYPT', mode: 'READ' });
    expect(pass(plain(format), unknown, ['a', 400])).toBe('schema.broken-rule r0');
    const wrong = schemaWith(format, { kind: 'CONDITION', mode: 'READ', expr: 'message.' });
    expect(pass(plain(format), wrong, ['a', 400])).toBe('schema.broken-rule r0');
    expect(() => checkRules(wrong, wrong.contract ?? { metadata: null, ruleSet: null })).toThrow('rule r0');
    const lenient = schemaWith(format, { type: 'ENCRYPT', mode: 'READ', onFailure: 'NONE' });
    expect(pass(plain(format), lenient, ['a', 400])).toEqual(['a', 400]);
  });
});

const transform: Readonly<Record<SchemaFormat, string>> = {
  AVRO: "{'room': message.room.upperAscii(), 'co2': message.co2 * 2.0}",
  JSON: "{'room': message.room.upperAscii(), 'co2': message.co2 * 2.0}",
  PROTOBUF: 'p.R{room: message.room.upperAscii(), co2: message.co2 * 2.0}',
};

test.each(formats)(
  'a transform of %s changes what is written, and readers run their rules from the last to the first',
  (format) => {
    const written = schemaWith(format, { mode: 'WRITE', expr: transform[format] });
    expect(pass(written, plain(format), ['a', 400])).toEqual(['A', 800]);
    const below = { kind: 'CONDITION', mode: 'READ', expr: 'message.co2 < 1000.0' };
    const doubling = { mode: 'READ', expr: transform[format] };
    expect(pass(plain(format), schemaWith(format, below, doubling), ['a', 600])).toBe('schema.broken-rule r0');
    expect(pass(plain(format), schemaWith(format, doubling, below), ['a', 600])).toEqual(['A', 1_200]);
    const wrong = schemaWith(format, { mode: 'WRITE', expr: "'no record'" });
    expect(pass(wrong, plain(format), ['a', 400])).toBe('schema.broken-rule r0');
  },
);

test('damaged bytes are told as such, not as a broken rule', () => {
  const ruled = schemaWith('AVRO', { kind: 'CONDITION', expr: 'true' });
  const rows = new Rows([room, co2]);
  rows.reset(1);
  expect(() => createDecoder(ruled, both).decode(Buffer.of(2, 97, 1), rows, 0)).toThrow(
    expect.objectContaining({ code: 'schema.invalid-payload' }),
  );
});

test('what is enabled at the registry only is not run here, and rules of the encoding are not passed over', () => {
  const rule: GivenRule = { name: 'small', type: 'CEL', kind: 'CONDITION', mode: 'WRITE', expr: 'message.co2 < 500.0' };
  const written = (ruleSet: GivenRule): Schema =>
    parseSchema({ format: 'AVRO', text: texts.AVRO, contract: { metadata: null, ruleSet } });
  const upstream = written({ domainRules: [rule], enableAt: 'UPSTREAM' });
  expect(pass(upstream, plain('AVRO'), ['a', 600])).toEqual(['a', 600]);
  const encoding = written({ encodingRules: [{ ...rule, name: 'sealed', type: 'ENCRYPT_PAYLOAD' }] });
  expect(pass(encoding, plain('AVRO'), ['a', 400])).toBe('schema.broken-rule sealed');
});

test('integers of Avro are integers, in types that it refers to as well', () => {
  const imports = new Map([['Count', '{"type":"record","name":"Count","fields":[{"name":"n","type":"long"}]}']]);
  const text = '{"type":"record","name":"R","fields":[{"name":"count","type":"Count"},{"name":"i","type":["null","int"]}]}';
  const rules = [{ name: 'sum', type: 'CEL', kind: 'CONDITION', expr: 'message.count.n + message.i == 7' }];
  const schema = parseSchema({ format: 'AVRO', text, imports, contract: { metadata: null, ruleSet: { domainRules: rules } } });
  const into = new Rows([room]);
  into.reset(1);
  const decoder = createDecoder(schema, []);
  expect(() => decoder.decode(Buffer.of(8, 2, 6), into, 0)).not.toThrow();
  expect(() => decoder.decode(Buffer.of(8, 2, 8), into, 0)).toThrow('rule sum: it does not hold');
});

test('a rule that goes through a list within a list is refused', () => {
  const nested = 'message.a.all(x, message.a.all(y, x != y))';
  expect(() =>
    checkRules(plain('JSON'), { metadata: null, ruleSet: { domainRules: [{ name: 'n', type: 'CEL', expr: nested }] } }),
  ).toThrow('a list is gone through within another');
});
