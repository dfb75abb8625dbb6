import { create, type DescMessage } from '@bufbuild/protobuf';
import {
  type EnumDescriptorProto,
  EnumDescriptorProto_EnumReservedRangeSchema,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  type EnumValueDescriptorProto,
  EnumValueDescriptorProtoSchema,
  EnumValueOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { type Options, parseOption } from './options.ts';
import type { Tokens } from './tokens.ts';

const enumNumberMax = 2_147_483_647;

/** An enum after the word `enum`. */
export function parseEnum(tokens: Tokens): EnumDescriptorProto {
  const declared = create(EnumDescriptorProtoSchema, { name: tokens.take('name', 'the name of an enum') });
  tokens.expect('{');
  while (!tokens.accept('}')) {
    if (tokens.accept(';')) continue;
    if (tokens.peek(1).text === '=') declared.value.push(parseEnumValue(tokens));
    else if (tokens.accept('reserved')) parseReservedOf(tokens, declared);
    else declared.options = parseOptionStatement(tokens, EnumOptionsSchema, declared.options);
  }
  if (declared.value.length === 0) throw tokens.complaint(`enum ${declared.name} has no value`);
  return declared;
}

function parseEnumValue(tokens: Tokens): EnumValueDescriptorProto {
  const name = tokens.take('name', 'a name');
  tokens.expect('=');
  const value = create(EnumValueDescriptorProtoSchema, { name, number: tokens.integer('a number') });
  if (tokens.accept('[')) {
    const options = create(EnumValueOptionsSchema);
    do parseOption(tokens, EnumValueOptionsSchema, options);
    while (tokens.accept(','));
    tokens.expect(']');
    value.options = options;
  }
  tokens.expect(';');
  return value;
}

/** `option name = value;`, added to the options that there are. */
export function parseOptionStatement<Kind extends Options>(tokens: Tokens, schema: DescMessage, earlier: Kind | undefined): Kind {
  tokens.expect('option');
  const options = earlier ?? (create(schema) as Kind);
  parseOption(tokens, schema, options);
  tokens.expect(';');
  return options;
}

/** `reserved` or `extensions` after its first word: names, and ranges with both ends inclusive. */
export function parseReserved(tokens: Tokens, max: number): { names: string[]; ranges: [number, number][] } {
  const names: string[] = [];
  const ranges: [number, number][] = [];
  do {
    const { kind } = tokens.peek();
    if (kind === 'string') names.push(tokens.string('a name'));
    else if (kind === 'name') names.push(tokens.next().text);
    else ranges.push(parseRange(tokens, max));
  } while (tokens.accept(','));
  tokens.expect(';');
  return { names, ranges };
}

function parseRange(tokens: Tokens, max: number): [number, number] {
  const first = tokens.integer('a number');
  if (!tokens.accept('to')) return [first, first];
  return [first, tokens.accept('max') ? max : tokens.integer('a number')];
}

function parseReservedOf(tokens: Tokens, declared: EnumDescriptorProto): void {
  const { names, ranges } = parseReserved(tokens, enumNumberMax);
  declared.reservedName.push(...names);
  for (const [start, end] of ranges) {
    declared.reservedRange.push(create(EnumDescriptorProto_EnumReservedRangeSchema, { start, end }));
  }
}
