import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { file_confluent_meta, file_confluent_types_decimal } from '@confluentinc/schemaregistry';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import { builtInNames, findBuiltInFile } from './built-in-files.ts';
import type { ProtobufSchema } from './schema.ts';

const ours = builtInNames.filter((name) => !name.startsWith('google/protobuf/'));

function plain({ ...proto }: FileDescriptorProto): unknown {
  const bare = { ...proto, name: 'a.proto', sourceCodeInfo: undefined, options: undefined };
  return toJson(FileDescriptorProtoSchema, bare as FileDescriptorProto);
}

function parse(text: string): ProtobufSchema {
  return parseSchema({ format: 'PROTOBUF', text }) as ProtobufSchema;
}

describe('files that need no reference', () => {
  let compiled: ReadonlyMap<string, FileDescriptorProto>;
  beforeAll(() => {
    const buf = join(import.meta.dirname, '../../../../node_modules/.bin/buf');
    const bytes = execFileSync(buf, ['build', join(import.meta.dirname, 'built-in'), '--as-file-descriptor-set', '-o', '-']);
    const { file: files } = fromBinary(FileDescriptorSetSchema, bytes);
    compiled = new Map(files.map((file) => [file.name, file]));
  });

  test.each(ours)('%s is described as buf describes it', (name) => {
    const expected = compiled.get(name.replace('confluent/types/', 'confluent/type/'));
    expect(plain(findBuiltInFile(name)?.proto as FileDescriptorProto)).toEqual(plain(expected as FileDescriptorProto));
  });

  test.each([
    ['confluent/meta.proto', file_confluent_meta],
    ['confluent/types/decimal.proto', file_confluent_types_decimal],
  ])('%s is what a stock client brings along', (name, { proto }) => {
    expect(plain(findBuiltInFile(name)?.proto as FileDescriptorProto)).toEqual(plain(proto));
  });

  test.each(builtInNames)('%s may be imported', (name) => {
    const { file } = parse(`syntax = "proto3"; import "${name}"; message Reading { double value = 1; }`);
    expect(file.dependencies.map((dependency) => `${dependency.name}.proto`)).toEqual([name]);
  });

  test('tags of a field survive printing, and their types are known to whoever reflects', () => {
    const schema = parse(`syntax = "proto3";
      import "confluent/meta.proto";
      import "google/type/latlng.proto";
      message Reading {
        string owner = 1 [(confluent.field_meta) = { doc: "who" tags: ["PII", "SECRET"] }];
        google.type.LatLng place = 2 [(confluent.field_meta).tags = "PLACE"];
      }`);
    expect(schema.canonical.replaceAll(/\s+/g, ' ')).toContain(
      '(confluent.field_meta) = { doc: "who", tags: [ "PII", "SECRET" ] }',
    );
    expect(parse(schema.canonical).canonical).toBe(schema.canonical);
    expect(schema.message.field['place']?.message?.typeName).toBe('google.type.LatLng');
  });

  test('imports that import each other are taken in any order', () => {
    const imports = new Map([
      ['a.proto', 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }'],
      ['b.proto', 'syntax = "proto3"; message B { double value = 1; }'],
    ]);
    const text = 'syntax = "proto3"; import "b.proto"; import "a.proto"; message Reading { A a = 1; B b = 2; }';
    const { message } = parseSchema({ format: 'PROTOBUF', text, imports }) as ProtobufSchema;
    expect(message.field['a']?.message?.field['b']?.message).toBe(message.field['b']?.message);
  });

  test('a name that nobody brings along is an unknown import', () => {
    expect(() => parse('syntax = "proto3"; import "google/type/none.proto"; message A {}')).toThrow('neither well known');
  });
});
