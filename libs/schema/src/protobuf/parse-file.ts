import { create } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  type MethodDescriptorProto,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
  ServiceOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { notSupported } from '../problems.ts';
import { parseEnum, parseOptionStatement } from './parse-enum.ts';
import { parseExtend, parseMessage, type Syntax } from './parse-message.ts';
import { Tokens } from './tokens.ts';

/**
 * A .proto text (proto2 or proto3, as in the language guides of protobuf.dev) as a descriptor. Names of types are still as they
 * were written: `linkFile` resolves them. Throws `schema.invalid-schema` with line and column.
 */
export function parseProtoFile(text: string, name: string): FileDescriptorProto {
  const tokens = new Tokens(text);
  const proto3 = parseSyntax(tokens) === 'proto3';
  // A compiler leaves the syntax unset for proto2.
  const file = create(FileDescriptorProtoSchema, proto3 ? { name, syntax: 'proto3' } : { name });
  const syntax = { proto3 };
  while (tokens.peek().kind !== 'end') parseStatement(tokens, file, syntax);
  return file;
}

function parseSyntax(tokens: Tokens): string {
  if (tokens.peek().text === 'edition') throw notSupported('Protobuf schema: editions are not supported; use proto3');
  if (!tokens.accept('syntax')) return 'proto2';
  tokens.expect('=');
  const syntax = tokens.string('"proto2" or "proto3"');
  if (syntax !== 'proto2' && syntax !== 'proto3') throw tokens.complaint(`expected "proto2" or "proto3", got "${syntax}"`);
  tokens.expect(';');
  return syntax;
}

function parseStatement(tokens: Tokens, file: FileDescriptorProto, syntax: Syntax): void {
  if (tokens.accept(';')) return;
  const { text } = tokens.peek();
  if (text === 'option') {
    file.options = parseOptionStatement(tokens, FileOptionsSchema, file.options);
    return;
  }
  tokens.next();
  if (text === 'import') parseImport(tokens, file);
  else if (text === 'package') parsePackage(tokens, file);
  else if (text === 'message') file.messageType.push(parseMessage(tokens, syntax));
  else if (text === 'enum') file.enumType.push(parseEnum(tokens));
  else if (text === 'extend') file.extension.push(...parseExtend(tokens, syntax));
  else if (text === 'service') file.service.push(parseService(tokens));
  else throw tokens.complaint(`expected message, enum, import, package, option, extend or service, got ${text}`);
}

function parsePackage(tokens: Tokens, file: FileDescriptorProto): void {
  if (file.package !== '') throw tokens.complaint('a second package');
  file.package = tokens.path('a package');
  tokens.expect(';');
}

function parseImport(tokens: Tokens, file: FileDescriptorProto): void {
  const index = file.dependency.length;
  if (tokens.accept('public')) file.publicDependency.push(index);
  else if (tokens.accept('weak')) file.weakDependency.push(index);
  file.dependency.push(tokens.string('the name of a file'));
  tokens.expect(';');
}

function parseService(tokens: Tokens): ServiceDescriptorProto {
  const service = create(ServiceDescriptorProtoSchema, { name: tokens.take('name', 'the name of a service') });
  tokens.expect('{');
  while (!tokens.accept('}')) {
    if (tokens.accept(';')) continue;
    if (tokens.peek().text === 'option') service.options = parseOptionStatement(tokens, ServiceOptionsSchema, service.options);
    else service.method.push(parseMethod(tokens));
  }
  return service;
}

function parseMethod(tokens: Tokens): MethodDescriptorProto {
  tokens.expect('rpc');
  const method = create(MethodDescriptorProtoSchema, { name: tokens.take('name', 'the name of a method') });
  tokens.expect('(');
  if (tokens.accept('stream')) method.clientStreaming = true;
  method.inputType = tokens.path('a message');
  tokens.expect(')');
  tokens.expect('returns');
  tokens.expect('(');
  if (tokens.accept('stream')) method.serverStreaming = true;
  method.outputType = tokens.path('a message');
  tokens.expect(')');
  if (!tokens.accept('{')) {
    tokens.expect(';');
    return method;
  }
  method.options = create(MethodOptionsSchema);
  while (!tokens.accept('}')) {
    if (!tokens.accept(';')) method.options = parseOptionStatement(tokens, MethodOptionsSchema, method.options);
  }
  return method;
}
