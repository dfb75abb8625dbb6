import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { compileRules } from './apply-rules.ts';
import { openFieldSites } from './field-sites.ts';
import { openRecordForm } from './record-form.ts';

type Json = Readonly<Record<string, unknown>>;

const upper = { name: 'r', type: 'CEL_FIELD', kind: 'TRANSFORM', mode: 'WRITE', tags: ['PII'], expr: 'value.upperAscii()' };

interface Given {
  readonly format: SchemaFormat;
  readonly json: Json;
  readonly imports?: ReadonlyMap<string, string>;
  readonly tags?: Json;
  readonly rule?: Json;
}

/** The record after a rule on its fields with the tag. */
function ruled({ format, json, imports = new Map(), tags = {}, rule = {} }: Given, record: unknown): unknown {
  const contract = { metadata: { tags }, ruleSet: { domainRules: [{ ...upper, ...rule }] } };
  const schema = parseSchema({ format, text: JSON.stringify(json), imports, contract });
  const form = openRecordForm(schema);
  const bytes = compileRules(schema, 'WRITE', {})?.run(form.write(record));
  return form.read(bytes as Uint8Array);
}

const secret = { type: 'string', 'confluent:tags': ['PII'] };
const open = { properties: { a: secret, b: { type: 'string' } } };
const before = { a: 'x', b: 'y' };
const after = { a: 'X', b: 'y' };
const choice = (...parts: readonly Json[]): Json =>
  Object.fromEntries(['if', 'then', 'else'].map((name, index) => [name, parts[index]]));
const wrong = { type: 'object', required: ['z'], properties: { b: secret } };

describe('fields of JSON Schema', () => {
  const within: readonly (readonly [string, Json, ...unknown[]])[] = [
    ['allOf', { allOf: [{ type: 'object' }, open] }, before, after],
    ['oneOf, by the branch that holds', { oneOf: [wrong, { ...open, required: ['a'] }] }, before, after],
    ['anyOf, by each branch that holds', { anyOf: [wrong, open, { properties: { b: secret } }] }, before, { a: 'X', b: 'Y' }],
    ['properties beside branches', { ...open, oneOf: [wrong, { required: ['b'] }] }, before, after],
    ['then', choice({ required: ['a'] }, open, { properties: { b: secret } }), before, after],
    ['else', choice({ required: ['z'] }, wrong, open), before, after],
    ['if itself', { if: open }, before, after],
    ['$ref', { $ref: '#/$defs/x', $defs: { x: open } }, before, after],
    ['$ref of a property alone', { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: secret } }, before, after],
    ['$ref to another text', { allOf: [{ $ref: 'other.json' }] }, before, after],
    ['additionalProperties', { properties: { b: {} }, additionalProperties: secret }, before, after],
    ['patternProperties', { patternProperties: { '^a': secret } }, before, after],
    ['dependentSchemas', { dependentSchemas: { b: open } }, before, after],
    ['unevaluatedProperties alone', { properties: { b: {} }, unevaluatedProperties: secret }, before, after],
    [
      'prefixItems',
      { properties: { l: { prefixItems: [{}, secret], items: secret } } },
      { l: ['x', 'y', 'z'] },
      { l: ['x', 'Y', 'Z'] },
    ],
    ['items', { properties: { l: { items: open } } }, { l: [before, { b: 'x' }] }, { l: [after, { b: 'x' }] }],
    ['contains', { properties: { l: { contains: open } } }, { l: [before] }, { l: [after] }],
    ['a list of lists', { properties: { l: { items: { items: secret } } } }, { l: [['x'], ['y']] }, { l: [['X'], ['Y']] }],
    ['several types', { properties: { a: { ...secret, type: ['null', 'string'] } } }, before, after],
    ['no type', { properties: { a: { 'confluent:tags': ['PII'] } } }, before, after],
    [
      'two schemas of one field',
      { ...open, allOf: [{ properties: { a: { type: 'string', 'confluent:tags': ['OTHER'] } } }] },
      before,
      after,
    ],
  ];

  test.each(within)('are found under %s', (_, json, ...[record, expected]) => {
    const imports = new Map([['other.json', JSON.stringify(open)]]);
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    expect(ruled({ format: 'JSON', json: { $schema, type: 'object', ...json }, imports }, record)).toEqual(expected);
  });

  test('of draft 7: lists of items, additionalItems, dependencies', () => {
    const json = {
      type: 'object',
      properties: { l: { items: [{}, secret], additionalItems: secret } },
      dependencies: { l: { properties: { a: secret } } },
    };
    expect(ruled({ format: 'JSON', json }, { ...before, l: ['x', 'y', 'z'] })).toEqual({ ...after, l: ['x', 'Y', 'Z'] });
  });

  test('end where a schema refers to itself, and are tagged by the path to them', () => {
    const json = {
      type: 'object',
      properties: { a: { type: 'string' }, next: { $ref: '#' }, all: { items: { anyOf: [{ $ref: '#' }] } } },
    };
    const record = { a: 'x', next: { a: 'x', all: [{ a: 'x' }] } };
    expect(ruled({ format: 'JSON', json, tags: { '$.next.a': ['PII'] } }, record)).toEqual({
      a: 'x',
      next: { a: 'X', all: [{ a: 'x' }] },
    });
    expect(ruled({ format: 'JSON', json, tags: { '**.all.a': ['PII'] } }, record)).toEqual({
      a: 'x',
      next: { a: 'x', all: [{ a: 'X' }] },
    });
  });

  test.each<[string, Json]>([
    ['no branch holds', { oneOf: [wrong] }],
    ['what is left over depends on others', { allOf: [{}], unevaluatedProperties: secret }],
    [
      'a reference depends on the way to it',
      { properties: { a: { $dynamicRef: '#x' } }, $defs: { x: { $dynamicAnchor: 'x', type: 'string' } } },
    ],
    ['an $id within changes what references mean', { properties: { a: { $id: 'http://x/y', type: 'string' } } }],
  ])('fail their rule where %s, and pass where its action lets them', (_, json) => {
    const given = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', ...json };
    const contract = (onFailure: string): object => ({ domainRules: [{ ...upper, onFailure }] });
    const run = (onFailure: string): unknown => {
      const text = JSON.stringify(given);
      const schema = parseSchema({ format: 'JSON', text, contract: { metadata: null, ruleSet: { ...contract(onFailure) } } });
      return compileRules(schema, 'WRITE', {})?.run(Buffer.from('{"a":"x"}'));
    };
    expect(() => run('ERROR')).toThrow(expect.objectContaining({ code: 'schema.broken-rule' }));
    expect(String(run('NONE'))).toBe('{"a":"x"}');
  });

  test('of an enum are no business of CEL_FIELD, as in the stock clients', () => {
    const json = { type: 'object', properties: { a: { ...secret, enum: ['x'] }, b: secret } };
    expect(ruled({ format: 'JSON', json }, before)).toEqual({ a: 'x', b: 'Y' });
  });
});

describe('fields of Avro', () => {
  const record = (name: string, ...fields: readonly Json[]): Json => ({ type: 'record', name, fields });
  const tagged = { name: 'id', type: 'string', 'confluent:tags': ['PII'] };
  const json = record(
    'p.R',
    { name: 'u', type: ['null', record('A', tagged), record('B', { name: 'id', type: 'string' })] },
    { name: 's', type: ['null', 'string', 'int'], 'confluent:tags': ['PII'] },
    { name: 'm', type: { type: 'map', values: { type: 'array', items: 'p.A' } } },
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['x'] }, 'confluent:tags': ['PII'] },
    { name: 'f', type: { type: 'fixed', name: 'F', size: 1 }, 'confluent:tags': ['PII'] },
  );
  const rest = { s: 'x', m: { id: [{ id: 'x' }] }, e: 'x', f: Buffer.from('x') };
  const changed = { ...rest, s: 'X', m: { id: [{ id: 'X' }] } };

  test('are those of the branch that the record has, in maps and lists too; enums and fixed stay', () => {
    expect(ruled({ format: 'AVRO', json }, { ...rest, u: { 'p.A': { id: 'x' } } })).toEqual({
      ...changed,
      u: { 'p.A': { id: 'X' } },
    });
    expect(ruled({ format: 'AVRO', json }, { ...rest, u: { 'p.B': { id: 'x' } } })).toEqual({
      ...changed,
      u: { 'p.B': { id: 'x' } },
    });
    expect(ruled({ format: 'AVRO', json }, { ...rest, u: null, s: null })).toEqual({ ...changed, u: null, s: null });
    const byPath = { tags: { 'p.B.id': ['PII'] } };
    expect(ruled({ format: 'AVRO', json, ...byPath }, { ...rest, u: { 'p.B': { id: 'x' } } })).toEqual({
      ...changed,
      u: { 'p.B': { id: 'X' } },
    });
  });

  test('are told by the types of their values', () => {
    const schema = parseSchema({ format: 'AVRO', text: JSON.stringify(json) });
    const sites = openFieldSites(schema)({ ...rest, u: { 'p.A': { id: 'x' } }, s: 7n });
    expect(sites.map(({ facts: { fullName, typeName } }) => [fullName, typeName])).toEqual([
      ['p.A.id', 'STRING'],
      ['p.R.s', 'INT'],
      ['p.A.id', 'STRING'],
      ['p.R.e', 'ENUM'],
      ['p.R.f', 'FIXED'],
    ]);
  });

  test('of records that hold themselves are found as deep as the record is', () => {
    const list = record('L', tagged, { name: 'next', type: ['null', 'L'] });
    const given = { id: 'x', next: { id: 'x', next: { id: 'x', next: null } } };
    expect(ruled({ format: 'AVRO', json: list }, given)).toEqual({ id: 'X', next: { id: 'X', next: { id: 'X', next: null } } });
  });
});
