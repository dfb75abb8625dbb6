import { fromBinary, getExtension } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { field_meta } from '@confluentinc/schemaregistry';
import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import { type ProtobufSchema, serialiseProtobufSchema } from './schema.ts';

const parse = (text: string): ProtobufSchema => parseSchema({ format: 'PROTOBUF', text }) as ProtobufSchema;

const tagged = `syntax = "proto3"; package rooms;
import "confluent/meta.proto";
message Guest {
  string owner = 1 [(confluent.field_meta).tags = "PII", (confluent.field_meta).tags = "NAME"];
  string badge = 2 [(.confluent.field_meta) = { doc: "worn" tags: ["PII"] params: { key: "a" value: "b" } }];
  string room = 3;
}`;

const own = `syntax = "proto2"; package rooms;
import "google/protobuf/descriptor.proto";
enum Level { LOW = 0; HIGH = 1; }
message Limits { optional int64 most = 1; repeated Level levels = 2; optional Limits inner = 3; optional bytes mask = 4; }
extend google.protobuf.FieldOptions { optional Limits limits = 50001; repeated string notes = 50002; optional Level level = 50003; optional double weight = 50004; optional sint32 offset = 50005; optional bool shown = 50006; }
extend google.protobuf.MessageOptions { optional string owner = 50001; }
message Reading {
  option (rooms.owner) = "lab";
  optional double co2 = 1 [(rooms.limits).most = 9007199254740993, (rooms.limits).inner = { levels: [LOW, HIGH] mask: "ab" }, (rooms.notes) = "a", (rooms.notes) = "b", (rooms.level) = HIGH, (rooms.weight) = 1.5, (rooms.offset) = -3, (rooms.shown) = true];
  optional double other = 2 [(unknown.option) = 1];
}`;

describe('a serialised file', () => {
  test('has the tags of its fields where the stock client looks for them', () => {
    const { messageType } = fromBinary(FileDescriptorProtoSchema, Buffer.from(serialiseProtobufSchema(parse(tagged)), 'base64'));
    const metas = messageType[0]?.field.map(({ options }) => options && getExtension(options, field_meta));
    expect(metas?.map((meta) => meta?.tags)).toEqual([['PII', 'NAME'], ['PII'], undefined]);
    expect(metas?.[1]).toMatchObject({ doc: 'worn', params: { a: 'b' } });
  });

  test.each([
    ['tags', tagged],
    ['options of its own', own],
  ])('means the same as the text that it comes from, with %s', (_, text) => {
    const schema = parse(text);
    const again = parse(serialiseProtobufSchema(schema));
    expect(again.canonical).toBe(schema.canonical);
    expect(serialiseProtobufSchema(again)).toBe(serialiseProtobufSchema(schema));
  });

  test('finds options by short names too', () => {
    const short = own.replace('(rooms.notes) = "b"', '(notes) = "b"').replaceAll('(rooms.level)', '(.rooms.level)');
    expect(serialiseProtobufSchema(parse(short))).toBe(serialiseProtobufSchema(parse(own)));
  });

  test('keeps as it was written what no extension is known for, or does not fit it', () => {
    const text =
      'syntax="proto3"; import "confluent/meta.proto"; message R { string a = 1 [(x.y) = 1, (confluent.field_meta).nothing = 2]; }';
    const serialised = Buffer.from(serialiseProtobufSchema(parse(text)), 'base64');
    const { messageType } = fromBinary(FileDescriptorProtoSchema, serialised);
    expect(messageType[0]?.field[0]?.options?.uninterpretedOption).toHaveLength(2);
  });
});
