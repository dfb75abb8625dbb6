import { describe, expect, test } from '@jest/globals';
import { parseSchema, type Schema } from '../schema.ts';
import { checkCompatibility, checkReads } from './check.ts';
import type { CompatibilityLevel } from './level.ts';

const record = (fields: string, name = 'R'): Schema =>
  parseSchema({ format: 'AVRO', text: `{"type":"record","name":"${name}","fields":[${fields}]}` });
const field = (name: string, type = '"string"', more = ''): string => `{"name":"${name}","type":${type}${more}}`;
const proto = (body: string, head = ''): Schema =>
  parseSchema({ format: 'PROTOBUF', text: `syntax = "proto3"; ${head} ${body}` });
const proto2 = (body: string): Schema => parseSchema({ format: 'PROTOBUF', text: `syntax = "proto2"; ${body}` });
type Case = [name: string, reader: Schema, writer: Schema, expected: string[]];
const typesOf = (reader: Schema, writer: Schema): string[] =>
  checkReads(reader, writer).map(({ type, path }) => `${type} ${path}`);

describe('Avro', () => {
  test.each<Case>([
    [
      'a field without a default',
      record(`${field('a')},${field('b')}`),
      record(field('a')),
      ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/1'],
    ],
    ['a field with one', record(`${field('a')},${field('b', '"string"', ',"default":""')}`), record(field('a')), []],
    ['a field less', record(field('a')), record(`${field('a')},${field('b')}`), []],
    ['a renamed field', record(field('b', '"string"', ',"aliases":["a"]')), record(field('a')), []],
    [
      'a field that means two',
      record(field('a', '"string"', ',"aliases":["b"]')),
      record(`${field('a')},${field('b')}`),
      ['READER_FIELD_MATCHES_MANY_FIELDS /fields/0'],
    ],
    ['another namespace', record(field('a'), 'x.R'), record(field('a'), 'y.R'), []],
    ['another name', record(field('a'), 'x.S'), record(field('a'), 'x.R'), ['NAME_MISMATCH /name']],
    [
      'everything that is wrong',
      record(`${field('a', '"int"')},${field('b', '{"type":"array","items":"int"}')},${field('c')}`),
      record(`${field('a', '"long"')},${field('b', '{"type":"array","items":"long"}')}`),
      ['TYPE_MISMATCH /fields/0/type', 'TYPE_MISMATCH /fields/1/type/items', 'READER_FIELD_MISSING_DEFAULT_VALUE /fields/2'],
    ],
    [
      'a narrower union',
      record(field('a', '["null","int"]')),
      record(field('a', '["null","string"]')),
      ['MISSING_UNION_BRANCH /fields/0/type'],
    ],
    [
      'a union that became its branch',
      record(field('a', '"string"')),
      record(field('a', '["null","string"]')),
      ['TYPE_MISMATCH /fields/0/type'],
    ],
  ])('%s', (...[, reader, writer, expected]: Case) => {
    expect(typesOf(reader, writer)).toEqual(expected);
  });

  test('a symbol that the reader lacks is read as its default, if there is one', () => {
    const kinds = (symbols: string, more = ''): Schema =>
      record(field('k', `{"type":"enum","name":"K","symbols":[${symbols}]${more}}`));
    expect(typesOf(kinds('"A"'), kinds('"A","B"'))).toEqual(['MISSING_ENUM_SYMBOLS /fields/0/type/symbols']);
    expect(typesOf(kinds('"A"', ',"default":"A"'), kinds('"A","B"'))).toEqual([]);
  });

  test('recursive schemas end, and a fault inside the recursion is found', () => {
    const tree = (value: string): Schema =>
      record(`${field('value', value)},${field('left', '["null","R"]')},${field('right', '["null","R"]')}`);
    expect(typesOf(tree('"long"'), tree('"int"'))).toEqual([]);
    expect(typesOf(tree('"int"'), tree('"long"'))).toEqual(['TYPE_MISMATCH /fields/0/type']);
  });

  test('what passed only because of a type that does not pass is not compatible', () => {
    // A reads B through another branch of the union, X as written holds an A that it cannot be.
    const schema = (ours: string): Schema =>
      parseSchema({
        format: 'AVRO',
        text: `{"type":"record","name":"Root","fields":[
          {"name":"either","type":["null",{"type":"record","name":"A","fields":[
            {"name":"x","type":{"type":"record","name":"X","fields":[{"name":"a","type":["null","A"]}]}},
            {"name":"v","type":"${ours}"}]}${ours === 'int' ? ',{"type":"record","name":"other.A","fields":[]}' : ''}]},
          {"name":"x","type":"X"}]}`,
      });
    expect(typesOf(schema('int'), schema('string'))).toContain('TYPE_MISMATCH /fields/0/type/fields/1/type');
  });

  test('types that share much are told in time and once', () => {
    const levels = Array.from({ length: 60 }, (_, level) => level);
    const chain = (leaf: string): Schema =>
      parseSchema({
        format: 'AVRO',
        text: levels.reduceRight((inner, level) => {
          const name = `L${level}`;
          return `{"type":"record","name":"${name}","fields":[${field('a', inner)},${field('b', level === 59 ? `"${leaf}"` : `"L${level + 1}"`)}]}`;
        }, `"${leaf}"`),
      });
    expect(checkReads(chain('int'), chain('string')).length).toBeLessThan(130);
    expect(checkReads(chain('int'), chain('string')).length).toBeGreaterThan(1);
  });
});

describe('Protobuf', () => {
  test.each<Case>([
    [
      'a field more, and one less',
      proto('message R { int32 a = 1; string b = 2; }'),
      proto('message R { int32 a = 1; bool c = 3; }'),
      [],
    ],
    ['a renamed field', proto('message R { int32 b = 1; }'), proto('message R { int32 a = 1; }'), []],
    [
      'integers of one wire form',
      proto('message R { int64 a = 1; bytes b = 2; }'),
      proto('message R { bool a = 1; string b = 2; }'),
      [],
    ],
    ['an enum for its number', proto('enum E { A = 0; } message R { E a = 1; }'), proto('message R { uint32 a = 1; }'), []],
    [
      'another wire form',
      proto('message R { sint32 a = 1; double b = 2; }'),
      proto('message R { int32 a = 1; float b = 2; }'),
      ['FIELD_SCALAR_KIND_CHANGED #/R/1', 'FIELD_SCALAR_KIND_CHANGED #/R/2'],
    ],
    [
      'a message for a scalar',
      proto('message R { S a = 1; } message S {}'),
      proto('message R { bytes a = 1; } message S {}'),
      ['FIELD_KIND_CHANGED #/R/1'],
    ],
    [
      'another message',
      proto('message R { T a = 1; } message S {} message T {}'),
      proto('message R { S a = 1; } message S {} message T {}'),
      ['FIELD_NAMED_TYPE_CHANGED #/R/1'],
    ],
    [
      'a message that is gone',
      proto('message R {}'),
      proto('message R { message N {} } message S {}'),
      ['MESSAGE_REMOVED #/R/N', 'MESSAGE_REMOVED #/S'],
    ],
    [
      'another package',
      proto('message R { S a = 1; } message S { int32 x = 1; }', 'package b;'),
      proto('message R { S a = 1; } message S { int32 x = 1; }', 'package a;'),
      ['PACKAGE_CHANGED #/'],
    ],
    [
      'a fault in a nested message, once',
      proto('message R { S a = 1; S b = 2; } message S { fixed32 x = 1; }'),
      proto('message R { S a = 1; S b = 2; } message S { int32 x = 1; }'),
      ['FIELD_SCALAR_KIND_CHANGED #/S/1'],
    ],
    ['a repeated text', proto('message R { repeated string a = 1; }'), proto('message R { string a = 1; }'), []],
    [
      'a repeated number',
      proto('message R { repeated int32 a = 1; }'),
      proto('message R { int32 a = 1; }'),
      ['FIELD_NUMERIC_LABEL_CHANGED #/R/1'],
    ],
    [
      'another map',
      proto('message R { map<string, int32> a = 1; map<int32, S> b = 2; } message S {}'),
      proto('message R { map<string, double> a = 1; map<string, S> b = 2; } message S {}'),
      ['FIELD_SCALAR_KIND_CHANGED #/R/1', 'FIELD_SCALAR_KIND_CHANGED #/R/2'],
    ],
    [
      'one field into a new oneof',
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      proto('message R { int32 a = 1; }'),
      [],
    ],
    [
      'two fields into a new oneof',
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      proto('message R { int32 a = 1; int32 b = 2; }'),
      ['MULTIPLE_FIELDS_MOVED_TO_ONEOF #/R/o'],
    ],
    [
      'a field into a oneof that was there',
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      proto('message R { int32 a = 1; oneof o { int32 b = 2; } }'),
      ['FIELD_MOVED_TO_EXISTING_ONEOF #/R/o'],
    ],
    [
      'a member that is gone from a oneof',
      proto('message R { oneof o { int32 b = 2; } }'),
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      ['ONEOF_FIELD_REMOVED #/R/o/1'],
    ],
    [
      'a member that is gone from a oneof with a new name',
      proto('message R { oneof p { int32 b = 2; } }'),
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      ['ONEOF_FIELD_REMOVED #/R/o/1'],
    ],
    [
      'a member out of a oneof',
      proto('message R { int32 a = 1; oneof o { int32 b = 2; } }'),
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      [],
    ],
    [
      'a member into a oneof of its own',
      proto('message R { oneof o { int32 b = 2; } oneof p { int32 a = 1; } }'),
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      [],
    ],
    [
      'a oneof into another one that was there',
      proto('message R { oneof o { int32 a = 1; int32 b = 2; } }'),
      proto('message R { oneof o { int32 a = 1; } oneof p { int32 b = 2; } }'),
      ['FIELD_MOVED_TO_EXISTING_ONEOF #/R/o'],
    ],
    [
      'two oneofs into a new one',
      proto('message R { oneof q { int32 a = 1; int32 b = 2; } }'),
      proto('message R { oneof o { int32 a = 1; } oneof p { int32 b = 2; } }'),
      ['FIELD_MOVED_TO_EXISTING_ONEOF #/R/q'],
    ],
    [
      'a field and a oneof into a new one',
      proto('message R { oneof q { int32 a = 1; int32 b = 2; int32 c = 3; } }'),
      proto('message R { int32 a = 1; oneof o { int32 b = 2; int32 c = 3; } }'),
      ['FIELD_MOVED_TO_EXISTING_ONEOF #/R/q'],
    ],
    ['a oneof that is gone', proto('message R { int32 a = 1; }'), proto('message R { oneof o { int32 a = 1; } }'), []],
    ['optional is no oneof', proto('message R { optional int32 a = 1; }'), proto('message R { int32 a = 1; }'), []],
    [
      'required',
      proto2('message R { required int32 a = 1; optional int32 b = 2; }'),
      proto2('message R { required int32 b = 2; }'),
      ['REQUIRED_FIELD_ADDED #/R/1', 'REQUIRED_FIELD_REMOVED #/R/2'],
    ],
    [
      'a field that is required from now on',
      proto2('message R { required int32 a = 1; required string b = 2; }'),
      proto2('message R { optional int32 a = 1; repeated string b = 2; }'),
      ['REQUIRED_FIELD_ADDED #/R/1', 'REQUIRED_FIELD_ADDED #/R/2'],
    ],
    [
      'a message that recurs',
      proto('message R { R r = 1; fixed64 a = 2; }'),
      proto('message R { R r = 1; sint64 a = 2; }'),
      ['FIELD_SCALAR_KIND_CHANGED #/R/2'],
    ],
  ])('%s', (...[, reader, writer, expected]: Case) => {
    expect(typesOf(reader, writer)).toEqual(expected);
  });

  test('a message that moved into an import is the same', () => {
    const imports = new Map([['s.proto', 'syntax="proto3"; package p; message S { int32 x = 1; }']]);
    const text = 'syntax="proto3"; package p; import "s.proto"; message R { S s = 1; }';
    const after = parseSchema({ format: 'PROTOBUF', text, imports });
    expect(typesOf(after, proto('message R { S s = 1; } message S { int32 x = 1; }', 'package p;'))).toEqual([]);
    expect(typesOf(after, proto('message R { S s = 1; } message S { string x = 1; }', 'package p;'))).toEqual([
      'FIELD_SCALAR_KIND_CHANGED #/S/1',
    ]);
  });
});

describe('levels', () => {
  const versions = ['"int"', '"long"', '"double"'].map((type, index) => ({
    version: index + 1,
    schema: record(field('a', type)),
  }));
  const verdict = (level: CompatibilityLevel, type: string): string[] =>
    checkCompatibility(level, record(field('a', type)), versions).map(({ version, direction }) => `${direction} ${version}`);

  test.each<[CompatibilityLevel, string, string[]]>([
    ['NONE', '"string"', []],
    ['BACKWARD', '"double"', []],
    ['BACKWARD', '"long"', ['BACKWARD 3']],
    ['BACKWARD_TRANSITIVE', '"long"', ['BACKWARD 3']],
    ['FORWARD', '"long"', []],
    ['FORWARD_TRANSITIVE', '"long"', ['FORWARD 1']],
    ['FULL', '"double"', []],
    ['FULL', '"float"', ['BACKWARD 3']],
    ['FULL_TRANSITIVE', '"double"', ['FORWARD 2', 'FORWARD 1']],
  ])('%s, then %s', (level, type, expected) => {
    expect(verdict(level, type)).toEqual(expected);
  });

  test('equal schemas go together, other formats do not', () => {
    const json = (title: string): Schema => parseSchema({ format: 'JSON', text: `{"type":"object","title":"${title}"}` });
    expect(checkReads(json('a'), json('b'))).toEqual([]);
    expect(typesOf(json('a'), record(field('a')))).toEqual(['SCHEMA_TYPE_CHANGED /']);
    expect(checkCompatibility('BACKWARD', json('a'), [])).toEqual([]);
  });
});
