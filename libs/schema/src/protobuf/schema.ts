import type { DescFile, DescMessage } from '@bufbuild/protobuf';
import { EmptySchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { messageOf, type Shape } from '@penstock/kernel';
import { invalidSchema } from '../problems.ts';
import type { SchemaSource } from '../schema-source.ts';
import { findBuiltInFile } from './built-in-files.ts';
import { describeFile } from './describe-file.ts';
import { type FindFile, linkFile } from './link.ts';
import { parseProtoFile } from './parse-file.ts';
import { printProtoFile } from './print-file.ts';
import { readSerialisedFile, serialiseFile } from './serialise.ts';
import { shapeOfMessage } from './shape.ts';

export interface ProtobufSchema {
  readonly format: 'PROTOBUF';
  readonly text: string;
  readonly canonical: string;
  readonly shape: Shape;
  readonly file: DescFile;
  /** The message that records are, unless a payload's message indexes name another. */
  readonly message: DescMessage;
}

/** The name of a file that has none of its own. */
const unnamed = 'schema.proto';

/**
 * A .proto text, or the base64 of a serialised FileDescriptorProto as some registry clients send it. The record is the message
 * named in `source.message`, else the first one. Throws `schema.invalid-schema`.
 */
export function parseProtobufSchema(source: SchemaSource): ProtobufSchema {
  const imports = parseImports(source.imports ?? new Map());
  const findFile = (name: string): DescFile | undefined => imports.get(name) ?? findBuiltInFile(name);
  const { proto, text } = readFile(source.text, findFile);
  while (findFile(proto.name) !== undefined) proto.name = `_${proto.name}`;
  const file = describeFile(proto, findFile);
  const message = recordOf(file, source.message);
  return { format: 'PROTOBUF', text, canonical: printProtoFile(proto), shape: shapeOfMessage(message), file, message };
}

/** The base64 of the schema's FileDescriptorProto: what registry clients ask for as `format=serialized`. */
export function serialiseProtobufSchema({ file }: ProtobufSchema): string {
  return Buffer.from(serialiseFile(file)).toString('base64');
}

function readFile(text: string, findFile: FindFile): { proto: FileDescriptorProto; text: string } {
  const serialised = /[^A-Za-z0-9+/=\s]/.test(text) ? null : parseSerialised(text, findFile);
  if (serialised !== null) return { proto: serialised, text: printProtoFile(serialised) };
  const proto = parseProtoFile(text, unnamed);
  linkFile(proto, findFile);
  return { proto, text };
}

function parseSerialised(text: string, findFile: FindFile): FileDescriptorProto {
  try {
    return readSerialisedFile(Buffer.from(text, 'base64'), unnamed, findFile);
  } catch (cause) {
    throw invalidSchema(`Protobuf schema: neither .proto text nor a serialised descriptor: ${messageOf(cause)}`, { cause });
  }
}

/** Imports may import each other; each is linked once, after what it needs. */
function parseImports(texts: ReadonlyMap<string, string>): Map<string, DescFile> {
  const done = new Map<string, DescFile>();
  const open = new Set<string>();
  const find = (name: string): DescFile | undefined => {
    const text = texts.get(name);
    if (done.has(name) || text === undefined) return done.get(name) ?? findBuiltInFile(name);
    if (open.has(name)) throw invalidSchema(`Protobuf schema: "${name}" imports itself`);
    open.add(name);
    const { proto } = readFile(text, find);
    proto.name = name;
    done.set(name, describeFile(proto, find));
    return done.get(name);
  };
  for (const name of texts.keys()) find(name);
  return done;
}

function recordOf(file: DescFile, name: string | undefined): DescMessage {
  const [first] = file.messages;
  // Files of enums and extensions are imported by others; a record of theirs is empty.
  if (name === undefined) return first ?? EmptySchema;
  const message = file.messages.find((candidate) => candidate.typeName === name || candidate.name === name);
  if (message !== undefined) return message;
  const known = file.messages.map(({ typeName }) => typeName).join(', ') || 'none';
  throw invalidSchema(`Protobuf schema: there is no message ${name}; messages: ${known}`);
}
