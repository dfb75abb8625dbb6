import { create, type DescMessage, type Message } from '@bufbuild/protobuf';
import { reflect, type ScalarValue } from '@bufbuild/protobuf/reflect';
import { type UninterpretedOption, UninterpretedOptionSchema } from '@bufbuild/protobuf/wkt';
import type { Tokens } from './tokens.ts';

/** Any of descriptor.proto's option messages. */
export type Options = Message & { uninterpretedOption: UninterpretedOption[] };

export interface OptionValue {
  readonly kind: 'string' | 'name' | 'number' | 'aggregate';
  readonly text: string;
}

interface NamePart {
  readonly namePart: string;
  readonly isExtension: boolean;
}

/** `name = value`. Options that descriptor.proto knows are set; the others are kept as they were written. */
export function parseOption(tokens: Tokens, schema: DescMessage, options: Options): void {
  const name = parseOptionName(tokens);
  tokens.expect('=');
  const value = parseOptionValue(tokens);
  if (name.length === 1 && !name[0]?.isExtension && setKnown(schema, options, { name: name[0]?.namePart ?? '', value })) return;
  options.uninterpretedOption.push(uninterpreted(name, value));
}

/** The name of an option when it is one plain word, else null; reads nothing. */
export function plainOptionName(tokens: Tokens): string | null {
  const token = tokens.peek();
  return token.kind === 'name' && tokens.peek(1).text === '=' ? token.text : null;
}

export function parseOptionValue(tokens: Tokens): OptionValue {
  const token = tokens.peek();
  if (token.kind === 'string') return { kind: 'string', text: tokens.string('a value') };
  if (token.text === '{' || token.text === '[') return { kind: 'aggregate', text: parseAggregate(tokens) };
  const sign = tokens.accept('-') ? '-' : '';
  tokens.accept('+');
  const { kind, text } = tokens.next();
  if (kind !== 'name' && kind !== 'number') throw tokens.complaint(`expected a value, got ${text}`);
  return { kind: sign === '-' ? 'number' : kind, text: sign + text };
}

function parseOptionName(tokens: Tokens): NamePart[] {
  const parts: NamePart[] = [];
  do {
    const isExtension = tokens.accept('(');
    const namePart = isExtension ? tokens.path('an option') : tokens.take('name', 'an option');
    if (isExtension) tokens.expect(')');
    parts.push({ namePart, isExtension });
  } while (tokens.accept('.'));
  return parts;
}

function parseAggregate(tokens: Tokens): string {
  const words: string[] = [];
  let depth = 0;
  do {
    const { kind, text } = tokens.next();
    if (kind === 'end') throw tokens.complaint('expected }, got the end of the text');
    if (kind === 'sign' && (text === '{' || text === '[')) depth += 1;
    if (kind === 'sign' && (text === '}' || text === ']')) depth -= 1;
    words.push(kind === 'string' ? JSON.stringify(text) : text);
  } while (depth > 0);
  return words.join(' ');
}

function setKnown(schema: DescMessage, options: Options, given: { name: string; value: OptionValue }): boolean {
  const field = schema.fields.find(({ name }) => name === given.name);
  if (field === undefined || (field.fieldKind !== 'scalar' && field.fieldKind !== 'enum')) return false;
  reflect(schema, options as never).set(
    field,
    field.fieldKind === 'enum' ? enumNumber(field.enum, given.value) : scalarOf(given.value),
  );
  return true;
}

function enumNumber(
  from: { readonly values: readonly { readonly name: string; readonly number: number }[] },
  value: OptionValue,
): number {
  return from.values.find(({ name }) => name === value.text)?.number ?? 0;
}

function scalarOf({ kind, text }: OptionValue): ScalarValue {
  if (kind === 'name') return text === 'true';
  return kind === 'number' ? Number(text) : text;
}

function uninterpreted(name: NamePart[], { kind, text }: OptionValue): UninterpretedOption {
  const option = create(UninterpretedOptionSchema, { name });
  if (kind === 'string') option.stringValue = new TextEncoder().encode(text);
  else if (kind === 'name') option.identifierValue = text;
  else if (kind === 'aggregate') option.aggregateValue = text;
  else if (!/^-?\d+$/.test(text)) option.doubleValue = Number(text);
  else if (text.startsWith('-')) option.negativeIntValue = BigInt(text);
  else option.positiveIntValue = BigInt(text);
  return option;
}
