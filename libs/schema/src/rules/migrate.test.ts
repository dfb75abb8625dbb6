import { describe, expect, test } from '@jest/globals';
import { type Decoder, defineProblem, type Field, Rows } from '@penstock/kernel';
import { createEncoder } from '../codec.ts';
import type { SchemaRegistry, SchemaVersion } from '../registry/registry.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { createWireDecoder } from '../wire-decoder.ts';

type Json = Readonly<Record<string, unknown>>;

const outage = defineProblem({ code: 'test.outage', status: 'UNAVAILABLE', remedy: 'retry' });
const names = ['a', 'b', 'c'] as const;
const fieldOf = (name: string): Field => ({ name, type: 'string', nullable: false });
const count: Field = { name: 'n', type: 'integer', nullable: false };

/** A text and a long integer, which every version calls by another name. */
function textOf(format: SchemaFormat, name: string): string {
  if (format === 'PROTOBUF') return `syntax = "proto3"; package p; message R { string ${name} = 1; int64 n = 2; }`;
  if (format === 'AVRO')
    return `{"type":"record","name":"R","fields":[{"name":"${name}","type":"string"},{"name":"n","type":"long"}]}`;
  return `{"type":"object","properties":{"${name}":{"type":"string"},"n":{"type":"integer"}},"required":["${name}","n"]}`;
}

const rename = (from: string, to: string): string =>
  `$merge([$sift($, function($v, $k) {$k != '${from}'}), {'${to}': $.'${from}' & '${to}'}])`;

function schemaOf(format: SchemaFormat, name: string, ruleSet: Json = {}): Schema {
  return parseSchema({ format, text: textOf(format, name), contract: { metadata: null, ruleSet } });
}

const rule = (mode: string, expr: string, more: Json = {}): Json => ({
  ...{ name: mode.toLowerCase(), type: 'JSONATA', kind: 'TRANSFORM', mode, expr },
  ...more,
});

/** Version n of the subject has the id n. */
function registryOf(schemas: readonly (Schema | null)[]) {
  const state = { asked: [] as string[], away: false };
  const version = (subject: string, at: number): SchemaVersion | null => {
    const schema = schemas[at - 1];
    return schema === undefined || schema === null ? null : { subject, version: at, id: at, schema };
  };
  const registry: SchemaRegistry = {
    schema: async (id) => schemas[id - 1] ?? null,
    latest: async () => null,
    version: async (subject, at) => {
      state.asked.push(`${subject} ${at}`);
      if (state.away) throw outage('the registry does not answer');
      return version(subject, at);
    },
    versionOf: async (subject, id) => (subject === 's' ? (version(subject, id)?.version ?? null) : null),
    register: async () => 0,
  };
  return { state, registry };
}

function threeVersions(format: SchemaFormat): Schema[] {
  return names.map((name, index) => {
    const before = names[index - 1];
    if (before === undefined) return schemaOf(format, name);
    return schemaOf(format, name, {
      migrationRules: [rule('UPGRADE', rename(before, name)), rule('DOWNGRADE', rename(name, before))],
    });
  });
}

function payloadOf(id: number, schema: Schema, name: string): Uint8Array {
  const bindings = [fieldOf(name), count].map((field, slot) => ({ field, slot }));
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  rows.values(0)[0] = 'x';
  rows.numbers(1)[0] = 7;
  return createEncoder(schema, bindings, id).encode(rows, 0);
}

/** What a reader of a version reads from a payload. */
async function read(decoder: Decoder, payload: Uint8Array): Promise<unknown> {
  const rows = new Rows([fieldOf('x'), count]);
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return [rows.values(0)[0], rows.numbers(1)[0]];
}

function readerOf(schemas: readonly (Schema | null)[], version: number, subject = 's') {
  const { registry, state } = registryOf(schemas);
  const schema = schemas[version - 1] as Schema;
  const bindings = [fieldOf(names[version - 1] as string), count].map((field, slot) => ({ field, slot }));
  const decoder = createWireDecoder(registry, bindings, {
    reader: schema,
    readerVersion: { subject, version, id: version, schema },
  });
  return { decoder, state };
}

describe.each<SchemaFormat>(['AVRO', 'JSON', 'PROTOBUF'])('migrations of %s', (format) => {
  const schemas = threeVersions(format);

  test('lead through every version between, up and down, and cost nothing where there is no way to go', async () => {
    const up = readerOf(schemas, 3);
    expect(await read(up.decoder, payloadOf(1, schemas[0] as Schema, 'a'))).toEqual(['xbc', 7]);
    expect(await read(up.decoder, payloadOf(2, schemas[1] as Schema, 'b'))).toEqual(['xc', 7]);
    expect(up.state.asked).toEqual(['s 2']);
    const down = readerOf(schemas, 1);
    expect(await read(down.decoder, payloadOf(3, schemas[2] as Schema, 'c'))).toEqual(['xba', 7]);
    const own = payloadOf(3, schemas[2] as Schema, 'c');
    await up.decoder.prepare(own);
    expect(up.decoder.prepare(own)).toBeNull();
    expect(await read(up.decoder, own)).toEqual(['x', 7]);
  });

  test('are followed by the rules of the reader, and what comes out has to be a record of it', async () => {
    const condition = { name: 'short', type: 'CEL', kind: 'CONDITION', mode: 'READ', expr: 'size(message.b) < 2' };
    const upgrade = rule('UPGRADE', rename('a', 'b'));
    const strict = [schemas[0] as Schema, schemaOf(format, 'b', { migrationRules: [upgrade], domainRules: [condition] })];
    const payload = payloadOf(1, schemas[0] as Schema, 'a');
    await expect(read(readerOf(strict, 2).decoder, payload)).rejects.toThrow('rule short: it does not hold');
    const wrong = [schemas[0] as Schema, schemaOf(format, 'b', { migrationRules: [rule('UPGRADE', "{'b': {'no': 'text'}}")] })];
    await expect(read(readerOf(wrong, 2).decoder, payload)).rejects.toMatchObject({ code: 'schema.broken-rule' });
  });
});

describe('migrations', () => {
  const plain = schemaOf('JSON', 'a');
  const payload = payloadOf(1, plain, 'a');
  const through = (...migrationRules: readonly Json[]): Decoder =>
    readerOf([plain, schemaOf('JSON', 'b', { migrationRules })], 2).decoder;

  test('of any type that sees records, with guards and actions, and none of fields', async () => {
    const condition = { name: 'c', type: 'CEL', kind: 'CONDITION', mode: 'UPGRADE', expr: 'message.n > 5.0' };
    const upgrade = rule('UPDOWN', rename('a', 'b'), { onFailure: 'ERROR,NONE' });
    expect(await read(through(condition, upgrade), payload)).toEqual(['xb', 7]);
    await expect(read(through({ ...condition, expr: 'message.n > 8.0' }, upgrade), payload)).rejects.toThrow(
      'rule c: it does not hold',
    );
    const cel = rule('UPGRADE', "{'b': message.a, 'n': message.n}", { type: 'CEL' });
    expect(await read(through(cel), payload)).toEqual(['x', 7]);
    await expect(read(through(rule('UPGRADE', 'value', { type: 'CEL_FIELD' })), payload)).rejects.toThrow('do not migrate');
    const lenient = rule('UPGRADE', '$error("no")', { onFailure: 'NONE' });
    await expect(read(through(lenient), payload)).rejects.toMatchObject({ code: 'schema.broken-rule' }); // still of the other version
    expect(await read(through(lenient, upgrade), payload)).toEqual(['xb', 7]);
  });

  test('keep integers beyond 2^53 that they do not touch, of JSON as they were written', async () => {
    const schema = schemaOf('JSON', 'b', { migrationRules: [rule('UPGRADE', `${rename('a', 'b')} ~> |$|{'n': 7}|`)] });
    const { registry } = registryOf([plain, schema]);
    const bytes = Buffer.from('{"a":"x","n":1,"far":9007199254740993,"odd":1.10}');
    const seen = schemaOf('JSON', 'b', {
      ...schema.contract?.ruleSet,
      domainRules: [{ name: 'far', type: 'CEL', kind: 'CONDITION', mode: 'READ', expr: 'message.far == 9007199254740993' }],
    });
    const readerVersion = { subject: 's', version: 2, id: 2, schema: seen };
    const bindings = [fieldOf('b'), count].map((field, slot) => ({ field, slot }));
    const framed = Buffer.concat([Buffer.of(0, 0, 0, 0, 1), bytes]);
    expect(await read(createWireDecoder(registry, bindings, { readerVersion }), framed)).toEqual(['xb', 7]);
  });

  test('are not looked for in other subjects, and a version that is gone keeps records back', async () => {
    const schemas = threeVersions('JSON');
    const other = readerOf([plain, plain], 2, 'other');
    expect(
      await read(
        createWireDecoder(registryOf([plain]).registry, [
          { field: fieldOf('a'), slot: 0 },
          { field: count, slot: 1 },
        ]),
        payload,
      ),
    ).toEqual(['x', 7]);
    await expect(read(other.decoder, payload)).rejects.toMatchObject({ code: 'schema.unusable' }); // it has no field b
    const gone = readerOf([schemas[0] as Schema, null, schemas[2] as Schema], 3);
    await expect(read(gone.decoder, payload)).rejects.toThrow('version 2 of s is gone');
  });

  test('wait for a registry that does not answer', async () => {
    const schemas = threeVersions('JSON');
    const { decoder, state } = readerOf(schemas, 3);
    state.away = true;
    await expect(read(decoder, payload)).rejects.toMatchObject({ remedy: 'retry' });
    state.away = false;
    expect(await read(decoder, payload)).toEqual(['xbc', 7]);
  });

  test.each([
    ['recurses without an end', '($f := function($x) { $f($x + 1) + 1 }; $f(1))', /stack|steps/i],
    ['goes round without an end', '($f := function($x) { $f($x + 1) }; $f(1))', /steps/],
    ['makes long lists', '[1..1000000]', /sequence|1000000/i],
    ['makes long texts', "$pad('', 100000000)", /width/],
    ['searches for ever', "$contains($pad('', 40, 'a') & 'b', /^(a+)+$/)", /timed out/],
    ['is none', '{', /rule/],
  ])('an expression that %s fails', async (_, expr, message) => {
    await expect(read(through(rule('UPGRADE', expr)), payload)).rejects.toThrow(message);
  });
});

test('rules of the domain may be JSONata as well', async () => {
  for (const format of ['AVRO', 'JSON', 'PROTOBUF'] as const) {
    const upper = rule('READ', "$merge([$, {'a': $uppercase(a)}])");
    const few = rule('READ', '$number(n) < 8', { name: 'few', kind: 'CONDITION' });
    const schemas = [schemaOf(format, 'a', { domainRules: [upper, few] })];
    expect(await read(readerOf(schemas, 1).decoder, payloadOf(1, schemaOf(format, 'a'), 'a'))).toEqual(['X', 7]);
  }
});
