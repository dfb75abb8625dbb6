import { create } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProto_ExtensionRangeSchema,
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  MessageOptionsSchema,
  OneofDescriptorProtoSchema,
  OneofOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { notSupported } from '../problems.ts';
import { parseOption, parseOptionValue, plainOptionName } from './options.ts';
import { parseEnum, parseOptionStatement, parseReserved } from './parse-enum.ts';
import type { Tokens } from './tokens.ts';

export interface Syntax {
  readonly proto3: boolean;
}

const depthMax = 64;
const fieldNumberMax = 536_870_911;
/** A map, for a message may be called `constructor`. */
const labels = new Map<string, FieldDescriptorProto_Label>([
  ['optional', FieldDescriptorProto_Label.OPTIONAL],
  ['required', FieldDescriptorProto_Label.REQUIRED],
  ['repeated', FieldDescriptorProto_Label.REPEATED],
]);
const scalarTypes = new Map<string, FieldDescriptorProto_Type>(
  [
    ...['double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string'],
    ...['bytes', 'uint32', 'sfixed32', 'sfixed64', 'sint32', 'sint64'],
  ].map((name) => [name, FieldDescriptorProto_Type[name.toUpperCase() as 'DOUBLE']]),
);

/** What protoc derives when no json_name is given. */
export function camelCase(name: string): string {
  if (!name.includes('_')) return name;
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}

/** A message after the word `message`. */
export function parseMessage(tokens: Tokens, syntax: Syntax, depth = 0): DescriptorProto {
  if (depth > depthMax) throw tokens.complaint(`messages nested deeper than ${depthMax}`);
  const message = create(DescriptorProtoSchema, { name: tokens.take('name', 'the name of a message') });
  tokens.expect('{');
  while (!tokens.accept('}')) parseElement(tokens, message, { ...syntax, depth });
  addSyntheticOneofs(message);
  return message;
}

function parseElement(tokens: Tokens, message: DescriptorProto, within: Syntax & { depth: number }): void {
  if (tokens.accept(';')) return;
  const block = isField(tokens) ? undefined : tokens.peek().text;
  if (block === 'message' && tokens.accept(block)) message.nestedType.push(parseMessage(tokens, within, within.depth + 1));
  else if (block === 'enum' && tokens.accept(block)) message.enumType.push(parseEnum(tokens));
  else if (block === 'oneof' && tokens.accept(block)) parseOneof(tokens, message, within);
  else if (block === 'extend' && tokens.accept(block)) message.extension.push(...parseExtend(tokens, within));
  else if (block === 'option') message.options = parseOptionStatement(tokens, MessageOptionsSchema, message.options);
  else if (block === 'reserved' && tokens.accept(block)) parseReservedOf(tokens, message);
  else if (block === 'extensions' && tokens.accept(block)) parseExtensionRanges(tokens, message);
  else if (tokens.peek().text === 'map' && tokens.peek(1).text === '<') parseMap(tokens, message);
  else message.field.push(parseField(tokens, within));
}

/** A field may be of a type called `message` or `option`: then a name and `=` follow. */
function isField(tokens: Tokens): boolean {
  return tokens.peek(1).kind === 'name' && tokens.peek(2).text === '=' && tokens.peek().text !== 'option';
}

export function parseField(tokens: Tokens, syntax: Syntax): FieldDescriptorProto {
  const label = tokens.peek(1).kind === 'sign' && tokens.peek(1).text !== '.' ? undefined : labels.get(tokens.peek().text);
  const word = label === undefined ? '' : tokens.next().text;
  if (syntax.proto3 && word === 'required') throw tokens.complaint('proto3 has no required fields');
  if (!syntax.proto3 && label === undefined)
    throw tokens.complaint(`expected optional, required or repeated, got ${tokens.peek().text}`);
  const field = parseTypeAndName(tokens);
  field.label = label ?? FieldDescriptorProto_Label.OPTIONAL;
  if (syntax.proto3 && word === 'optional') field.proto3Optional = true;
  return field;
}

function parseTypeAndName(tokens: Tokens): FieldDescriptorProto {
  if (tokens.peek().text === 'group') throw notSupported('Protobuf schema: groups are not supported; use a nested message');
  const typeName = tokens.path('a type');
  const name = tokens.take('name', 'the name of a field');
  tokens.expect('=');
  const field = create(FieldDescriptorProtoSchema, { name, number: fieldNumber(tokens), jsonName: camelCase(name) });
  setType(field, typeName);
  if (tokens.accept('[')) parseFieldOptions(tokens, field);
  tokens.expect(';');
  return field;
}

function setType(field: FieldDescriptorProto, typeName: string): void {
  const scalar = scalarTypes.get(typeName);
  if (scalar === undefined) field.typeName = typeName;
  else field.type = scalar;
}

function fieldNumber(tokens: Tokens): number {
  const number = tokens.integer('a field number');
  const reserved = number >= 19_000 && number <= 19_999;
  if (number < 1 || number > fieldNumberMax || reserved) {
    throw tokens.complaint(`expected a field number from 1 to ${fieldNumberMax} outside 19000 to 19999, got ${number}`);
  }
  return number;
}

function parseFieldOptions(tokens: Tokens, field: FieldDescriptorProto): void {
  do {
    const name = plainOptionName(tokens);
    if (name === 'json_name' || name === 'default') {
      tokens.next();
      tokens.expect('=');
      const { text } = parseOptionValue(tokens);
      if (name === 'default') field.defaultValue = text;
      else field.jsonName = text;
    } else {
      field.options ??= create(FieldOptionsSchema);
      parseOption(tokens, FieldOptionsSchema, field.options);
    }
  } while (tokens.accept(','));
  tokens.expect(']');
}

/** A map is sent as a repeated nested message of key and value; descriptors say it that way. */
function parseMap(tokens: Tokens, message: DescriptorProto): void {
  tokens.next();
  tokens.expect('<');
  const key = create(FieldDescriptorProtoSchema, {
    name: 'key',
    number: 1,
    jsonName: 'key',
    label: FieldDescriptorProto_Label.OPTIONAL,
  });
  setType(key, tokens.path('a type'));
  tokens.expect(',');
  const value = create(FieldDescriptorProtoSchema, {
    name: 'value',
    number: 2,
    jsonName: 'value',
    label: FieldDescriptorProto_Label.OPTIONAL,
  });
  setType(value, tokens.path('a type'));
  tokens.expect('>');
  const name = tokens.take('name', 'the name of a field');
  tokens.expect('=');
  const entry = `${camelCase(`_${name}`)}Entry`;
  const field = create(FieldDescriptorProtoSchema, {
    name,
    number: fieldNumber(tokens),
    jsonName: camelCase(name),
    typeName: entry,
  });
  field.label = FieldDescriptorProto_Label.REPEATED;
  if (tokens.accept('[')) parseFieldOptions(tokens, field);
  tokens.expect(';');
  message.field.push(field);
  message.nestedType.push(create(DescriptorProtoSchema, { name: entry, field: [key, value], options: { mapEntry: true } }));
}

function parseOneof(tokens: Tokens, message: DescriptorProto, syntax: Syntax): void {
  const oneof = create(OneofDescriptorProtoSchema, { name: tokens.take('name', 'the name of a oneof') });
  const oneofIndex = message.oneofDecl.push(oneof) - 1;
  tokens.expect('{');
  while (!tokens.accept('}')) {
    if (tokens.accept(';')) continue;
    if (tokens.peek().text === 'option') oneof.options = parseOptionStatement(tokens, OneofOptionsSchema, oneof.options);
    else message.field.push(parseOneofMember(tokens, oneofIndex, syntax));
  }
}

function parseOneofMember(tokens: Tokens, oneofIndex: number, _syntax: Syntax): FieldDescriptorProto {
  const field = parseTypeAndName(tokens);
  field.label = FieldDescriptorProto_Label.OPTIONAL;
  field.oneofIndex = oneofIndex;
  return field;
}

/** protoc puts each proto3 `optional` field into a oneof of its own, after all real ones. */
function addSyntheticOneofs(message: DescriptorProto): void {
  for (const field of message.field) {
    if (field.proto3Optional) {
      field.oneofIndex = message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: `_${field.name}` })) - 1;
    }
  }
}

/** `extend Other { … }`, after its first word. */
export function parseExtend(tokens: Tokens, syntax: Syntax): FieldDescriptorProto[] {
  const extendee = tokens.path('the message to extend');
  const fields: FieldDescriptorProto[] = [];
  tokens.expect('{');
  while (!tokens.accept('}')) {
    const field = parseField(tokens, syntax);
    field.extendee = extendee;
    fields.push(field);
  }
  return fields;
}

function parseReservedOf(tokens: Tokens, message: DescriptorProto): void {
  const { names, ranges } = parseReserved(tokens, fieldNumberMax);
  message.reservedName.push(...names);
  for (const [start, last] of ranges) {
    message.reservedRange.push(create(DescriptorProto_ReservedRangeSchema, { start, end: last + 1 }));
  }
}

function parseExtensionRanges(tokens: Tokens, message: DescriptorProto): void {
  const { ranges } = parseReserved(tokens, fieldNumberMax);
  for (const [start, last] of ranges) {
    message.extensionRange.push(create(DescriptorProto_ExtensionRangeSchema, { start, end: last + 1 }));
  }
}
