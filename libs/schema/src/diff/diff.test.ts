import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { diffSchemas, type SchemaDifference } from './diff.ts';

/** One line for each difference: `~ co2Ppm type: double → null | double, doc: – → of air`. */
function linesOf(format: SchemaFormat, before: unknown, after: unknown): string[] {
  const text = (schema: unknown): string => (typeof schema === 'string' ? schema : JSON.stringify(schema));
  const parse = (schema: unknown) => parseSchema({ format, text: text(schema) });
  return diffSchemas(parse(before), parse(after)).map(lineOf);
}

const marks = { added: '+', removed: '-', changed: '~', moved: '↕' } as const;

function lineOf({ kind, path, aspects }: SchemaDifference): string {
  const said = aspects.map(({ name, before, after }) => `${name}: ${before ?? '–'} → ${after ?? '–'}`);
  return `${marks[kind]} ${path || '(schema)'} ${said.join(', ')}`;
}

const record = (fields: readonly object[], more: object = {}): object => ({ type: 'record', name: 'a.Reading', fields, ...more });
const device = { name: 'deviceId', type: 'string' };
const place = (fields: readonly object[]): object => ({ type: 'record', name: 'Place', fields });

describe('Avro', () => {
  test('fields that come, go and change, with what is said of them', () => {
    const before = record([device, { name: 'co2Ppm', type: 'double' }, { name: 'lux', type: 'int', doc: 'of light' }]);
    const optional = { name: 'co2Ppm', type: ['null', 'double'], default: null, doc: 'of the air' };
    const at = { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } };
    expect(linesOf('AVRO', before, record([device, optional, at]))).toEqual([
      '~ co2Ppm type: double → null | double, default: – → null, doc: – → of the air',
      '- lux type: int → –, doc: of light → –',
      '+ at type: – → long (timestamp-millis)',
    ]);
  });

  test('nested records, lists, maps and unions have paths of their own', () => {
    const held = (type: unknown, fields: readonly object[]): object =>
      record([{ name: 'held', type: JSON.parse(JSON.stringify(type).replace('"?"', JSON.stringify(place(fields)))) }]);
    const [room, floor] = [
      { name: 'room', type: 'string' },
      { name: 'floor', type: 'int' },
    ];
    const changed = (type: unknown): string[] => linesOf('AVRO', held(type, [room]), held(type, [room, floor]));
    expect(changed('?')).toEqual(['+ held.floor type: – → int']);
    expect(changed(['null', '?'])).toEqual(['+ held.floor type: – → int']);
    expect(changed({ type: 'array', items: '?' })).toEqual(['+ held[].floor type: – → int']);
    expect(changed({ type: 'map', values: '?' })).toEqual(['+ held{}.floor type: – → int']);
    expect(changed(['string', '?'])).toEqual(['+ held(Place).floor type: – → int']);
  });

  test('an alias is a new name, a new order a move of as few as possible', () => {
    const named = ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'int' }));
    const [a, b, c, d] = named;
    expect(linesOf('AVRO', record(named), record([b, c, d, a] as object[]))).toEqual(['↕ a place: 1 → 4']);
    expect(linesOf('AVRO', record([device]), record([{ name: 'device', aliases: ['deviceId'], type: 'string' }]))).toEqual([
      '~ device name: deviceId → device',
    ]);
    expect(linesOf('AVRO', record([device]), record([{ name: 'device', type: 'string' }]))).toEqual([
      '- deviceId type: string → –',
      '+ device type: – → string',
    ]);
  });

  test('a record of another name is still compared field by field', () => {
    expect(linesOf('AVRO', record([device]), record([device, { name: 'n', type: 'int' }], { name: 'b.Reading' }))).toEqual([
      '~ (schema) type: a.Reading → b.Reading',
      '+ n type: – → int',
    ]);
  });

  test('symbols of an enum; recursion ends; spelling is no difference', () => {
    const level = (symbols: readonly string[]): object =>
      record([
        { name: 'level', type: { type: 'enum', name: 'Level', symbols } },
        { name: 'next', type: ['null', 'a.Reading'] },
      ]);
    expect(linesOf('AVRO', level(['LOW']), level(['LOW', 'HIGH']))).toEqual(['~ level symbols: LOW → LOW, HIGH']);
    expect(linesOf('AVRO', record([{ name: 'n', type: { type: 'int' } }]), record([{ name: 'n', type: 'int' }]))).toEqual([]);
  });
});

describe('Protobuf', () => {
  const file = (body: string): string => `syntax = "proto3"; package rooms; ${body}`;

  test('a number is a field: another name is a new name, another type a change', () => {
    const before = file('message Reading { string device = 1; int32 seq = 2; double lux = 3; }');
    const after = file('message Reading { string device_id = 1; int64 seq = 2; optional double co2 = 4; reserved 3; }');
    expect(linesOf('PROTOBUF', before, after)).toEqual([
      '~ Reading reserved: – → 3',
      '~ Reading.device_id name: device → device_id',
      '~ Reading.seq type: int32 → int64',
      '- Reading.lux type: double → –, number: 3 → –',
      '+ Reading.co2 type: – → optional double, number: – → 4',
    ]);
  });

  test('nested messages, enums, maps and oneofs', () => {
    const before = file(
      'message A { message B { int32 x = 1; } B b = 1; map<string, B> m = 2; enum E { ZERO = 0; } string s = 3; }',
    );
    const after = file(
      'message A { message B { repeated int32 x = 1; } B b = 1; map<string, int32> m = 2; enum E { ZERO = 0; ONE = 1; } oneof o { string s = 3; } }',
    );
    expect(linesOf('PROTOBUF', before, after)).toEqual([
      '~ A.m type: map<string, A.B> → map<string, int32>',
      '~ A.s oneof: – → o',
      '~ A.B.x type: int32 → repeated int32',
      '+ A.E.ONE type: – → value, number: – → 1',
    ]);
  });

  test('the order of messages counts, that of fields does not', () => {
    const [a, b] = ['message A { int32 x = 1; int32 y = 2; }', 'message B {}'];
    expect(linesOf('PROTOBUF', file(a + b), file('message B {} message A { int32 y = 2; int32 x = 1; }'))).toEqual([
      '↕ B place: 2 → 1',
    ]);
  });
});

describe('JSON Schema', () => {
  const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });

  test('properties, what is demanded of them, and where', () => {
    const before = object({ id: { type: 'string' }, n: { type: 'integer', minimum: 0 }, list: { items: object({}) } });
    const after = object(
      { n: { type: 'number', minimum: 1 }, id: { type: 'string', description: 'whose' }, list: { items: object({ x: {} }) } },
      { required: ['id'], additionalProperties: false },
    );
    expect(linesOf('JSON', before, after)).toEqual([
      '~ (schema) additionalProperties: – → false',
      '~ n type: integer → number, minimum: 0 → 1',
      '~ id required: – → yes, doc: – → whose',
      '+ list[].x type: – → anything',
    ]);
  });

  test('what is moved to $defs and referred to is the same; recursion ends', () => {
    const inner = object({ x: { type: 'integer' } });
    const referred = { properties: { a: { $ref: '#/$defs/inner' } }, $defs: { inner } };
    expect(linesOf('JSON', { properties: { a: inner } }, referred)).toEqual([]);
    const tree = (type: string): object => object({ value: { type }, next: { $ref: '#' } });
    expect(linesOf('JSON', tree('string'), tree('number'))).toEqual(['~ value type: string → number']);
  });

  test('branches of a choice', () => {
    const choice = (...types: readonly string[]): object => object({ v: { oneOf: types.map((type) => ({ type })) } });
    expect(linesOf('JSON', choice('string'), choice('string', 'null'))).toEqual(['+ v(oneOf 2) type: – → null']);
  });
});

test('schemas of two formats have nothing in common but the schema itself', () => {
  const [avro, json] = [
    parseSchema({ format: 'AVRO', text: '"string"' }),
    parseSchema({ format: 'JSON', text: '{"type":"number"}' }),
  ];
  expect(diffSchemas(avro, json).map(lineOf)).toEqual(['~ (schema) type: string → number']);
});
