import { describe, expect, test } from '@jest/globals';
import { parseSchema, type Schema } from '../../schema.ts';
import { checkReads } from '../check.ts';
import type { CompatibilityPolicy } from './check.ts';

type Json = Record<string, unknown> | boolean;

function parse(json: Json, imports: Record<string, Json> = {}): Schema {
  const texts = new Map(Object.entries(imports).map(([name, text]) => [name, JSON.stringify(text)]));
  return parseSchema({ format: 'JSON', text: JSON.stringify(json), imports: texts });
}

function reasons(reader: Json, writer: Json, policy: CompatibilityPolicy = 'STRICT'): string[] {
  return checkReads(parse(reader), parse(writer), policy).map(({ type, path }) => `${type} ${path}`);
}

const open = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...(more as object) });
const closed = (properties: Json, more: Json = {}): Json =>
  open(properties, { additionalProperties: false, ...(more as object) });
const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const draft = (name: string): string => `https://json-schema.org/draft/${name}/schema`;

type Case = [name: string, reader: Json, writer: Json, expected: string[]];

describe('content models', () => {
  test.each<Case>([
    [
      'a property more in an open one',
      open({ a: text, b: text }),
      open({ a: text }),
      ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL /properties/b'],
    ],
    ['a property without a schema more in an open one', open({ a: text, b: {} }), open({ a: text }), []],
    ['a property less in an open one', open({ a: text }), open({ a: text, b: text }), []],
    ['a property more in a closed one', closed({ a: text, b: text }), closed({ a: text }), []],
    [
      'a required property more in a closed one',
      closed({ a: text, b: text }, { required: ['b'] }),
      closed({ a: text }),
      ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL /required'],
    ],
    [
      'a required property with a default',
      closed({ a: text, b: { type: 'string', default: '' } }, { required: ['b'] }),
      closed({ a: text }),
      [],
    ],
    [
      'a required property with a default that is not valid',
      closed({ a: text, b: { type: 'string', default: 1 } }, { required: ['b'] }),
      closed({ a: text }),
      ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL /required'],
    ],
    [
      'a default where other keywords judge the object',
      closed({ a: text, b: { default: 1 } }, { required: ['b'], maxProperties: 1 }),
      closed({ a: text }),
      ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL /required'],
    ],
    ['required no more', open({ a: text }), open({ a: text }, { required: ['a'] }), []],
    ['required from now on', open({ a: text }, { required: ['a'] }), open({ a: text }), ['REQUIRED_ATTRIBUTE_ADDED /required']],
    [
      'a property less in a closed one',
      closed({ a: text }),
      closed({ a: text, b: text }),
      ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL /properties/b'],
    ],
    [
      'an open one that is closed',
      closed({ a: text }),
      open({ a: text }),
      ['ADDITIONAL_PROPERTIES_REMOVED /additionalProperties'],
    ],
    ['a closed one that is opened', open({ a: text }), closed({ a: text }), []],
    [
      'a property that a partially open one covers',
      open({ a: text, n: number }, { additionalProperties: number }),
      open({ a: text }, { additionalProperties: integer }),
      [],
    ],
    [
      'a property that a partially open one does not cover',
      open({ a: text, n: integer }, { additionalProperties: number }),
      open({ a: text }, { additionalProperties: number }),
      ['PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL /properties/n', 'TYPE_NARROWED /properties/n/type'],
    ],
    [
      'a property that went into a partially open one',
      open({}, { patternProperties: { '^n': number }, additionalProperties: false }),
      closed({ n1: integer }),
      [],
    ],
  ])('%s', (...[, reader, writer, expected]: Case) => expect(reasons(reader, writer)).toEqual(expected));

  test('a lenient policy takes writers to write what they name', () => {
    expect(reasons(open({ a: text, b: text }), open({ a: text }), 'LENIENT')).toEqual([]);
    expect(reasons(closed({ a: text }), open({ a: text }), 'LENIENT')).toEqual([]);
    expect(reasons(open({ a: number }), open({ a: text }), 'LENIENT')).toEqual(['TYPE_CHANGED /properties/a/type']);
  });

  test('what a writer names in a branch, or says of properties that it does not name, counts under a lenient policy too', () => {
    const branch = (property: Json): Json => ({ oneOf: [{ properties: { a: property } }] });
    expect(reasons(branch(number), branch(text), 'LENIENT').length).toBeGreaterThan(0);
    const others = (schema: Json, more: object = {}): Json => ({ additionalProperties: schema, ...more });
    expect(reasons(others(number), others(text), 'LENIENT')).toEqual(['TYPE_CHANGED /additionalProperties/type']);
    expect(reasons(others(integer), others(number), 'LENIENT')).toEqual([]);
    expect(reasons(others(text, { properties: { a: number } }), others(text), 'LENIENT')).toEqual([
      'TYPE_CHANGED /properties/a/type',
    ]);
  });
});

describe('types and bounds', () => {
  test.each<Case>([
    ['a wider type', number, integer, []],
    ['a narrower type', integer, number, ['TYPE_NARROWED /type']],
    ['another type', text, integer, ['TYPE_CHANGED /type']],
    ['null as well', { type: ['string', 'null'] }, text, []],
    [
      'everything that is wrong',
      { type: 'string', minLength: 2, maxLength: 3, pattern: '^b', format: 'date' },
      { type: 'string', minLength: 1, pattern: '^a' },
      ['MIN_LENGTH_INCREASED /minLength', 'MAX_LENGTH_ADDED /maxLength', 'PATTERN_CHANGED /pattern', 'FORMAT_ADDED /format'],
    ],
    [
      'bounds',
      { type: 'number', minimum: 1, exclusiveMaximum: 5, multipleOf: 2 },
      { type: 'number', minimum: 0, maximum: 5, multipleOf: 1 },
      ['MINIMUM_INCREASED /minimum', 'EXCLUSIVE_MAXIMUM_DECREASED /exclusiveMaximum', 'MULTIPLE_OF_EXPANDED /multipleOf'],
    ],
    ['a whole number below 5 is at most 4', { type: 'integer', maximum: 4 }, { type: 'integer', exclusiveMaximum: 5 }, []],
    ['more in a list', { enum: ['a', 'b', 'c'] }, { enum: ['b', 'a'] }, []],
    ['less in a list', { enum: ['a'] }, { enum: ['a', 'b'] }, ['ENUM_ARRAY_NARROWED /']],
    ['a list became a type', text, { enum: ['a', 'b'] }, []],
    ['annotations', { title: 'a', description: 'b', default: 1, examples: [1], 'x-any': 1 }, { title: 'c' }, []],
    [
      'draft 4',
      { $schema: 'http://json-schema.org/draft-04/schema#', type: 'number', minimum: 1, exclusiveMinimum: true },
      { $schema: 'http://json-schema.org/draft-04/schema#', type: 'number', minimum: 1 },
      ['EXCLUSIVE_MINIMUM_ADDED /exclusiveMinimum'].map((each) => each.replace('ADDED', 'INCREASED')),
    ],
    ['items', { items: integer }, { items: number }, ['ADDITIONAL_ITEMS_NARROWED /', 'TYPE_NARROWED /items/type']],
    [
      'a tuple of 2020-12 for one of draft 7',
      { $schema: draft('2020-12'), type: 'array', prefixItems: [text, number] },
      { type: 'array', items: [text, integer] },
      [],
    ],
  ])('%s', (...[, reader, writer, expected]: Case) => expect(reasons(reader, writer)).toEqual(expected));
});

describe('combinations', () => {
  test.each<Case>([
    ['a branch more', { anyOf: [text, integer] }, { oneOf: [text] }, []],
    ['a branch less', { anyOf: [text] }, { anyOf: [text, integer] }, ['SUM_TYPE_NARROWED /anyOf', 'TYPE_CHANGED /anyOf/0/type']],
    ['types for branches', { oneOf: [{ type: 'null' }, text] }, { type: ['string', 'null'] }, []],
    ['oneOf with branches that differ', { oneOf: [text, integer] }, text, []],
    ['oneOf with branches that overlap', { oneOf: [integer, number] }, integer, ['COMBINED_TYPE_SUBSCHEMAS_CHANGED /oneOf']],
    ['one condition less', { allOf: [text] }, { allOf: [text, { minLength: 1 }] }, []],
    ['one condition more', { allOf: [text, { minLength: 1 }] }, text, ['MIN_LENGTH_ADDED /allOf/1/minLength']],
    ['less is excluded', { not: { enum: [1] } }, { not: { enum: [1, 2] } }, []],
  ])('%s', (...[, reader, writer, expected]: Case) => expect(reasons(reader, writer)).toEqual(expected));

  test('unions told apart by a constant', () => {
    const shape = (kind: string, value: Json): Json => closed({ kind: { const: kind }, value }, { required: ['kind'] });
    const before = { oneOf: [shape('a', integer), shape('b', text)] };
    expect(reasons({ oneOf: [shape('a', number), shape('b', text), shape('c', text)] }, before)).toEqual([]);
    expect(reasons({ oneOf: [shape('a', text), shape('b', text)] }, before).length).toBeGreaterThan(0);
  });

  test('a schema that depends on a property evaluates properties too', () => {
    const strict = (needs: unknown): Json => {
      return { $schema: draft('2020-12'), type: 'object', unevaluatedProperties: false, dependencies: { a: needs } };
    };
    expect(reasons(strict(['b']), strict({ properties: { a: text } }))).toEqual(['DEPENDENCY_ARRAY_ADDED /dependencies/a']);
  });

  test('what is not decided is not called compatible', () => {
    const refused = expect.objectContaining({ code: 'schema.not-supported' });
    expect(() => reasons({ not: { minLength: 2 } }, text)).toThrow(refused);
    expect(() => reasons({ $schema: draft('2020-12'), $dynamicRef: '#a', $defs: { a: { $dynamicAnchor: 'a' } } }, text)).toThrow(
      refused,
    );
    expect(() => reasons({ type: 'string', nullable: true }, text)).toThrow(refused);
    expect(reasons({ not: { minLength: 2 }, type: 'integer' }, text)).toEqual(['TYPE_CHANGED /type']);
  });
});

describe('references', () => {
  const tree = (value: Json): Json => ({
    $ref: '#/definitions/Tree',
    definitions: { Tree: open({ value, left: { $ref: '#/definitions/Tree' }, all: { items: { $ref: '#/definitions/Tree' } } }) },
  });

  test('recursive schemas end, and a fault inside the recursion is found', () => {
    expect(reasons(tree(number), tree(integer))).toEqual([]);
    expect(reasons(tree(integer), tree(number))).toContain('TYPE_NARROWED /definitions/Tree/properties/value/type');
  });

  test('across subjects', () => {
    const user = { type: 'object', properties: { address: { $ref: 'address.json' } }, required: ['address'] };
    const before = parse(user, { 'address.json': closed({ city: text }) });
    expect(checkReads(parse(user, { 'address.json': closed({ city: text, zip: text }) }), before)).toEqual([]);
    expect(checkReads(parse(user, { 'address.json': closed({ city: number }) }), before)).toMatchObject([
      { type: 'TYPE_CHANGED', path: 'address.json#/properties/city/type', reader: 'number', writer: 'string' },
    ]);
  });

  test('a reader that names nothing but itself, and bombs, end in a refusal', () => {
    const circle = { anyOf: [{ $ref: '#/definitions/a' }] };
    expect(() => reasons({ $ref: '#/definitions/a', definitions: { a: circle } }, text)).toThrow(
      expect.objectContaining({ code: 'schema.not-supported' }),
    );
    const branches = Array.from({ length: 14 }, (_, index) => ({ anyOf: [{ minLength: index }, { maxLength: index }] }));
    expect(() => reasons({ type: 'string', pattern: 'a' }, { type: 'string', allOf: branches })).toThrow(
      expect.objectContaining({ code: 'schema.not-supported' }),
    );
    const deep = `${'{"items":'.repeat(500)}{}${'}'.repeat(500)}`;
    expect(() => parseSchema({ format: 'JSON', text: deep })).toThrow(expect.objectContaining({ code: 'schema.invalid-schema' }));
    const many = (count: number): Json => closed(Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, text])));
    expect(reasons(many(10_001), many(10_000))).toEqual([]);
    const list = (count: number): Json => ({ enum: Array.from({ length: count }, (_, index) => `v${index}`) });
    expect(reasons(list(20_001), list(20_000))).toEqual([]);
    expect(reasons(list(20_000), list(20_001))).toEqual(['ENUM_ARRAY_NARROWED /']);
    const slow = { patternProperties: { '^(a+)+$': text }, properties: { [`${'a'.repeat(60)}!`]: integer } };
    expect(reasons({ ...slow, minProperties: 1 }, slow)).toEqual(['MIN_PROPERTIES_ADDED /minProperties']);
  });
});
