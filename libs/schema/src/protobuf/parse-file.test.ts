import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import type { ProtobufSchema } from './schema.ts';

/** Files that buf compiled: its descriptors say what ours have to say. */
const root = join(import.meta.dirname, '../../../..');
const compiled = readFileSync(join(root, 'libs/contracts/descriptors.binpb'));
const { file: files } = fromBinary(FileDescriptorSetSchema, compiled);

/** The text of a file: modules of contracts and of records lie below `proto` and `proto/data`. */
const folders = ['proto', 'proto/data', 'node_modules/protobufjs'];
const texts = new Map(
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.proto'))
      .map((path) => [path, readFileSync(join(root, folder, path), 'utf8')] as const),
  ),
);
const withText = files.filter(({ name }) => texts.has(name));

/** Without positions and comments, and under one name. */
function plain({ ...proto }: FileDescriptorProto): unknown {
  return toJson(FileDescriptorProtoSchema, { ...proto, name: 'a.proto', sourceCodeInfo: undefined } as FileDescriptorProto);
}

test('buf compiled the files that this test reads', () => {
  expect(withText.length).toBeGreaterThan(4);
});

test.each(withText)('$name is described as buf describes it', (expected) => {
  const imports = new Map(expected.dependency.flatMap((name) => (texts.has(name) ? [[name, texts.get(name) as string]] : [])));
  const schema = parseSchema({ format: 'PROTOBUF', text: texts.get(expected.name) as string, imports });
  expect(plain((schema as ProtobufSchema).file.proto)).toEqual(plain(expected));
  const printed = parseSchema({ format: 'PROTOBUF', text: schema.canonical, imports });
  expect(printed.canonical).toBe(schema.canonical);
});
