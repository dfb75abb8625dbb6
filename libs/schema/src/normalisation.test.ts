import { describe, expect, test } from '@jest/globals';
import { type ProtobufSchema, serialiseProtobufSchema } from './protobuf/schema.ts';
import { parseSchema } from './schema.ts';
import type { SchemaFormat } from './schema-source.ts';

const imports = new Map([
  ['x.proto', 'syntax = "proto3"; package x; message X {}'],
  ['y.proto', 'syntax = "proto3"; package y; message Y {}'],
  [
    'o.proto',
    `syntax = "proto3"; package o; import "google/protobuf/descriptor.proto";
    message Range { int32 lo = 1; int32 hi = 2; repeated string names = 3; Range inner = 4; }
    extend google.protobuf.FieldOptions { Range range = 50001; string unit = 50002; repeated string tags = 50003; }`,
  ],
]);

const parse = (format: SchemaFormat, text: string): ReturnType<typeof parseSchema> =>
  parseSchema({ format, text, ...(format === 'PROTOBUF' ? { imports } : {}) });

/** A rule and two texts. */
type Pair = readonly [rule: string, left: string, right: string];

const proto = (body: string, head = ''): string => `syntax = "proto3"; package a.b; ${head} ${body}`;
const option = (given: string): string => proto(`message M { string s = 1 [${given}]; }`, 'import "o.proto";');
const aliases = (values: string): string => proto(`enum E { option allow_alias = true; ${values} }`);
const extended = (body: string): string => `message M { extensions 1 to 20; } ${body}`;

const sameProtobuf: readonly Pair[] = [
  ['order of imports', proto('', 'import "x.proto"; import "y.proto";'), proto('', 'import "y.proto"; import "x.proto";')],
  ['an import twice', proto('', 'import "x.proto"; import "x.proto";'), proto('', 'import "x.proto";')],
  ['quotes', proto('', "import 'x.proto';"), proto('', 'import "x" ".proto";')],
  [
    'order of options',
    proto('', 'option java_package = "j"; option go_package = "g";'),
    proto('', 'option go_package="g"; option java_package="j";'),
  ],
  ['syntax of proto2', 'syntax = "proto2"; message M { optional string s = 1; }', 'message M { optional string s = 1; }'],
  ['order of fields', proto('message M { string a = 1; string b = 2; }'), proto('message M { string b = 2; string a = 1; }')],
  [
    'a oneof among fields',
    proto('message M { oneof p { string b = 2; } string a = 1; }'),
    proto('message M { string a = 1; oneof p { string b = 2; } }'),
  ],
  [
    'order of oneofs',
    proto('message M { oneof p { string a = 1; } oneof q { string b = 2; } }'),
    proto('message M { oneof q { string b = 2; } oneof p { string a = 1; } }'),
  ],
  ['order of values', proto('enum E { A = 0; B = 1; C = -1; }'), proto('enum E { A = 0; C = -1; B = 1; }')],
  ['order of aliases', aliases('Z = 0; A = 1; B = 1;'), aliases('Z = 0; B = 1; A = 1;')],
  [
    'reserved, apart or not',
    proto('message M { reserved 5, 2 to 3; reserved "b", "a"; }'),
    proto('message M { reserved "a"; reserved "b"; reserved 2 to 3; reserved 5 to 5; }'),
  ],
  ['order of extension ranges', 'message M { extensions 10 to 20; extensions 5; }', 'message M { extensions 5 to 5, 10 to 20; }'],
  [
    'order of extensions',
    extended('extend M { optional string a = 1; optional string b = 2; }'),
    extended('extend M { optional string b = 2; } extend M { optional string a = 1; }'),
  ],
  [
    'full and relative names',
    proto('message M { .a.b.M.N n = 1; message N {} }'),
    proto('message M { b.M.N n = 1; message N {} }'),
  ],
  [
    'maps',
    proto('message M { map<string, string> m = 1; }'),
    proto('message M { repeated MEntry m = 1; message MEntry { option map_entry = true; string key = 1; string value = 2; } }'),
  ],
  ['the derived name in JSON', proto('message M { string a_b = 1 [json_name = "aB"]; }'), proto('message M { string a_b = 1; }')],
  ['full names of options', option('(.o.unit) = "x"'), option('(o.unit) = "x"')],
  ['options of one message', option('(o.range) = { lo: 1, hi: 2 }'), option('(o.range).hi = 2, (o.range).lo = 1')],
  [
    'options deep in a message',
    option('(o.range) = { inner { lo: -1 hi: 2 } }'),
    option('(o.range).inner.hi = 2, (o.range).inner.lo = -1'),
  ],
  [
    'separators within an option',
    option('(o.range) = { hi: 2; lo: 1, inner: < lo: 3 > }'),
    option('(o.range) = { lo: 1 hi: 2 inner { lo: 3 } }'),
  ],
  ['lists within an option', option('(o.range) = { names: "a" names: "b" }'), option('(o.range) = { names: ["a", "b"] }')],
];

const otherProtobuf: readonly Pair[] = [
  ['presence', proto('message M { optional string s = 1; }'), proto('message M { string s = 1; }')],
  ['the value of an option', option('(o.unit) = "x"'), option('(o.unit) = ""')],
  ['the order of a list of options', option('(o.tags) = "a", (o.tags) = "b"'), option('(o.tags) = "b", (o.tags) = "a"')],
  ['the default of an enum in proto2', 'enum E { A = 1; B = 2; }', 'enum E { B = 2; A = 1; }'],
];

const avro = (attributes: string): string => `{"type":"record","name":"a.R","fields":[]${attributes}}`;
const field = (attributes: string): string => `{"type":"record","name":"a.R","fields":[{"name":"x",${attributes}}]}`;

const sameAvro: readonly Pair[] = [
  ['order of attributes', avro(',"doc":"d","own":1'), '{"own":1,"doc":"d","fields":[],"name":"a.R","type":"record"}'],
  ['namespaces', avro(''), '{"type":"record","name":"R","namespace":"a","fields":[]}'],
  [
    'full and short names within',
    field('"type":{"type":"fixed","name":"a.F","size":1}'),
    field('"type":{"type":"fixed","name":"F","size":1}'),
  ],
  ['aliases', avro(',"aliases":["S"]'), avro(',"aliases":["a.S"]')],
  ['no aliases', avro(',"aliases":[]'), avro('')],
  ['a type in an object', field('"type":{"type":{"type":"string"}}'), field('"type":"string"')],
  ['the order that is the default', field('"type":"int","order":"ascending"'), field('"type":"int"')],
  [
    'order of keys in attributes of the user',
    avro(',"own":{"b":1,"a":[{"d":1,"c":2}]}'),
    avro(',"own":{"a":[{"c":2,"d":1}],"b":1}'),
  ],
  [
    'order of keys in a default',
    field('"type":{"type":"map","values":"int"},"default":{"a":1,"b":2}'),
    field('"type":{"type":"map","values":"int"},"default":{"b":2,"a":1}'),
  ],
  ['a default as it may be written', field('"type":"double","default":1.0'), field('"type":"double","default":1')],
  ['escapes', avro(',"doc":"\\u00e9"'), avro(',"doc":"é"')],
];

const inNone = field('"type":{"type":"enum","name":"E","namespace":"","symbols":["A"]}');
const otherAvro: readonly Pair[] = [
  ['doc', avro(',"doc":"d"'), avro('')],
  ['a default', field('"type":"int","default":1'), field('"type":"int"')],
  ['no namespace within one', inNone, inNone.replace(',"namespace":""', '')],
  ['long defaults', field('"type":"long","default":9007199254740993'), field('"type":"long","default":9007199254740992')],
];

const sameJson: readonly Pair[] = [
  [
    'order of keys',
    '{"type":"object","properties":{"a":{},"b":{"title":"B","type":"string"}}}',
    '{"properties":{"b":{"type":"string","title":"B"},"a":{}},"type":"object"}',
  ],
  ['numbers', '{"minimum":1.0,"maximum":1e2}', '{"minimum":1,"maximum":100}'],
  ['escapes', '{"title":"\\u00e9"}', '{"title":"é"}'],
];

const otherJson: readonly Pair[] = [
  ['order of a list', '{"required":["a","b"]}', '{"required":["b","a"]}'],
  ['integers beyond 2^53', '{"maximum":9223372036854775807}', '{"maximum":9223372036854775806}'],
];

const every = (format: SchemaFormat, pairs: readonly Pair[]): [SchemaFormat, ...Pair][] => pairs.map((pair) => [format, ...pair]);
const same = [...every('PROTOBUF', sameProtobuf), ...every('AVRO', sameAvro), ...every('JSON', sameJson)];
const other = [...every('PROTOBUF', otherProtobuf), ...every('AVRO', otherAvro), ...every('JSON', otherJson)];

describe('one schema', () => {
  test.each(same)('%s: %s', (...[format, , left, right]) => {
    expect(parse(format, left).canonical).toBe(parse(format, right).canonical);
  });
});

describe('two schemas', () => {
  test.each(other)('%s: %s', (...[format, , left, right]) => {
    expect(parse(format, left).canonical).not.toBe(parse(format, right).canonical);
  });
});

test.each([...same, ...other])('%s: %s: the canonical form is its own', (...[format, , text]) => {
  const { canonical } = parse(format, text);
  expect(parse(format, canonical).canonical).toBe(canonical);
});

test.each(sameProtobuf)('%s: in the base64 of a descriptor, as clients send it', (_, text) => {
  const schema = parse('PROTOBUF', text);
  expect(parse('PROTOBUF', serialiseProtobufSchema(schema as ProtobufSchema)).canonical).toBe(schema.canonical);
});

test('a name without a namespace is found within one', () => {
  const text = field('"type":{"type":"enum","name":"E","namespace":"","symbols":["A"]}').replace(
    /\]\}$/,
    ',{"name":"y","type":"E"}]}',
  );
  const { canonical } = parse('AVRO', text);
  expect(parse('AVRO', canonical).canonical).toBe(canonical);
});
