import { describe, expect, test } from '@jest/globals';
import { parseSchema, schemaLengthMax } from './schema.ts';
import type { SchemaFormat } from './schema-source.ts';

const canonicalOf = (format: SchemaFormat, text: string): string => parseSchema({ format, text }).canonical;

const protobuf = `syntax = "proto3";
package rooms.v1;
// A reading.
message Reading {
  string device_id = 1; optional double co2_ppm = 2 [deprecated = true, (unit) = "[ppm]"];
  map<string, Detail> details = 3; oneof place { string room = 4; Spot spot = 5; }
  message Detail { rooms.v1.Spot at = 1; }
  reserved 9 to 11, 20; reserved "old";
}
enum Kind { KIND_UNSPECIFIED = 0; KIND_CO2 = 1; }
message Spot { Kind kind = 1; }
`;

describe('texts that mean the same have one canonical form', () => {
  test('Protobuf in another order, spacing, quoting and with other spellings of types', () => {
    const other = `syntax='proto3';package rooms.v1 ;
      message Reading { reserved 20, 9 to 11; reserved "old";
        oneof place { .rooms.v1.Spot spot=5; string room=4; }
        message Detail { Spot at=1; }
        map <string,Reading.Detail> details = 0x3;
        optional double co2_ppm = 2[(unit)="[pp" "m]",deprecated=true]; /* id */ string device_id=1[json_name="deviceId"];
      }
      message Spot{Kind kind=1;} enum Kind{KIND_CO2=1;KIND_UNSPECIFIED=0;}`;
    expect(canonicalOf('PROTOBUF', other)).toBe(canonicalOf('PROTOBUF', protobuf));
  });

  test('what is printed is read back as the same', () => {
    const printed = canonicalOf('PROTOBUF', protobuf);
    expect(canonicalOf('PROTOBUF', printed)).toBe(printed);
  });

  test('another number, type, label or order of messages is another schema', () => {
    const canonical = canonicalOf('PROTOBUF', protobuf);
    for (const [from, to] of [
      ['device_id = 1', 'device_id = 6'],
      ['string device_id', 'bytes device_id'],
      ['optional double', 'double'],
      ['optional double', 'repeated double'],
    ] as const) {
      expect(canonicalOf('PROTOBUF', protobuf.replace(from, to))).not.toBe(canonical);
    }
    const [one, two] = ['message A {}', 'message B {}'];
    expect(canonicalOf('PROTOBUF', `syntax="proto3";${one}${two}`)).not.toBe(
      canonicalOf('PROTOBUF', `syntax="proto3";${two}${one}`),
    );
  });

  test('Avro with other blanks, names and order of attributes; JSON with another order of keys', () => {
    const short = '{"namespace":"a.b","fields":[{"type":{"type":"string"},"name":"x"}],"name":"R","type":"record"}';
    const long = '{ "type": "record", "name": "a.b.R", "fields": [ {"name": "x", "type": "string"} ] }';
    expect(canonicalOf('AVRO', short)).toBe(canonicalOf('AVRO', long));
    expect(canonicalOf('JSON', '{"type":"object","title":"R"}')).toBe(canonicalOf('JSON', '{ "title":"R", "type":"object" }'));
  });
});

test('the text keeps the numbers of its author', () => {
  const text = '{ "type": "number", "maximum": 9223372036854775807, "multipleOf": 1.0, "title": "a  \\" b" }';
  expect(parseSchema({ format: 'JSON', text }).text).toBe(
    '{"type":"number","maximum":9223372036854775807,"multipleOf":1.0,"title":"a  \\" b"}',
  );
});

test('two imports may pass on the same third file, and files may be called anything', () => {
  const imports = new Map([
    ['base.proto', 'syntax="proto3"; message Base { string id = 1; }'],
    ['left.proto', 'syntax="proto3"; import public "base.proto"; message Left { Base base = 1; }'],
    ['schema.proto', 'syntax="proto3"; import public "base.proto"; message Right { Base base = 1; }'],
  ]);
  const text = 'syntax="proto3"; import "left.proto"; import "schema.proto"; message R { Left l = 1; Right r = 2; Base b = 3; }';
  expect(parseSchema({ format: 'PROTOBUF', text, imports }).shape.name).toBe('R');
});

describe('a schema that is none is refused, and the message says where', () => {
  test.each<[SchemaFormat, string, string]>([
    ['PROTOBUF', 'syntax = "proto3";\nmessage R {\n  strin g id = 1;\n}', 'line 3, column 11'],
    ['PROTOBUF', 'syntax = "proto3"; message R { string a = 1; string b = 1; }', 'number 1 is used twice'],
    ['PROTOBUF', 'syntax = "proto3"; message R { Missing a = 1; }', 'no type Missing'],
    ['PROTOBUF', 'syntax = "proto3"; import "missing.proto";', 'missing.proto'],
    ['PROTOBUF', 'syntax = "proto3"; message R { string a = 19500; }', 'outside 19000 to 19999'],
    ['PROTOBUF', 'syntax = "proto3"; message R { reserved 2; string a = 2; }', 'reserved'],
    ['PROTOBUF', 'syntax = "proto3"; message R { string a = 1;', 'the end of the text'],
    ['PROTOBUF', 'syntax = "proto3"; enum E {}', 'has no value'],
    ['PROTOBUF', 'syntax = "proto3"; message R { string a = "', 'a string that nobody closes'],
    ['PROTOBUF', `syntax = "proto3"; ${'message M {'.repeat(100)}`, 'nested deeper'],
    ['AVRO', '{"type":"record"', 'Avro schema'],
    ['AVRO', '{"type":"record","name":"R","fields":[{"name":"x","type":"strin"}]}', 'schema.R.x: there is no type strin'],
    ['AVRO', '{"type":"record","name":"R","fields":[{"name":"x","type":"int","default":"a"}]}', 'no value of its type'],
    ['AVRO', '["null","null"]', 'two branches are null'],
    ['AVRO', `${'{"type":"array","items":'.repeat(200)}"int"${'}'.repeat(200)}`, 'nested deeper'],
    ['JSON', '[1]', 'expected an object or a boolean'],
    ['JSON', '{"type":"strin"}', 'JSON Schema'],
    ['JSON', '{"$schema":"http://json-schema.org/draft-03/schema"}', 'not supported'],
    ['JSON', '{"$ref":"missing.json"}', 'missing.json'],
    ['AVRO', ' ', 'empty'],
    ['JSON', `"${'x'.repeat(schemaLengthMax)}"`, 'at most'],
  ])('%s %.40s', (format, text, message) => {
    expect(() => parseSchema({ format, text })).toThrow(message);
  });
});

test('a Protobuf file without messages may be imported, and its records are empty', () => {
  const text = 'syntax = "proto3"; enum Kind { KIND_UNSPECIFIED = 0; }';
  expect(parseSchema({ format: 'PROTOBUF', text }).shape.fields).toEqual([]);
  expect(() => parseSchema({ format: 'PROTOBUF', text, message: 'R' })).toThrow('there is no message R');
});
