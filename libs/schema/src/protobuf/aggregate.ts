import { Tokens } from './tokens.ts';

/** A field of a message in Protobuf's text format; the entries of a list are fields of the same name. */
export interface AggregateField {
  readonly name: string;
  /** A scalar as it is printed, or the fields of a message. */
  readonly value: string | AggregateField[];
}

const depthMax = 64;

/** The fields of `{ … }`, or null where that is no text format or nests too deep: then it stands as it was written. */
export function parseAggregate(text: string): AggregateField[] | null {
  const tokens = new Tokens(text);
  try {
    tokens.expect('{');
    return parseFields(tokens, '}', 1);
  } catch {
    return null;
  }
}

/** One text for all spellings, laid out as by Confluent's registry: fields by name, entries in their order, each on a line of its own. */
export function printAggregate(fields: readonly AggregateField[]): string {
  const named = [...Map.groupBy(fields, ({ name }) => name)].sort(([left], [right]) => (left < right ? -1 : 1));
  const printed = named.map(([name, entries]) => {
    const [only = '', ...others] = entries.map(({ value }) => (typeof value === 'string' ? value : printAggregate(value)));
    return `${name}: ${others.length === 0 ? only : bracketed('[', [only, ...others], ']')}`;
  });
  return bracketed('{', printed, '}');
}

function bracketed(open: string, entries: readonly string[], close: string): string {
  const lines = entries.join(',\n').split('\n');
  return [open, ...(entries.length === 0 ? [] : lines.map((line) => `  ${line}`)), close].join('\n');
}

function parseFields(tokens: Tokens, end: string, depth: number): AggregateField[] {
  if (depth > depthMax) throw tokens.complaint(`an option nested deeper than ${depthMax}`);
  const fields: AggregateField[] = [];
  while (!tokens.accept(end)) {
    fields.push(...parseField(tokens, depth));
    if (!tokens.accept(',')) tokens.accept(';');
  }
  return fields;
}

function parseField(tokens: Tokens, depth: number): AggregateField[] {
  const name = parseName(tokens);
  const isScalar = tokens.accept(':');
  if (tokens.accept('[')) return parseList(tokens, depth).map((value) => ({ name, value }));
  if (!isScalar && !['{', '<'].includes(tokens.peek().text)) throw tokens.complaint('expected a value');
  return [{ name, value: parseValue(tokens, depth) }];
}

/** A field, or `[an.extension]`, or the type of an Any. */
function parseName(tokens: Tokens): string {
  if (!tokens.accept('[')) return tokens.take('name', 'a field');
  let name = tokens.path('an extension');
  if (tokens.accept('/')) name += `/${tokens.path('a type')}`;
  tokens.expect(']');
  return `[${name}]`;
}

function parseList(tokens: Tokens, depth: number): AggregateField['value'][] {
  const values: AggregateField['value'][] = [];
  while (!tokens.accept(']')) {
    values.push(parseValue(tokens, depth));
    if (!tokens.accept(',') && tokens.peek().text !== ']') throw tokens.complaint('expected , or ]');
  }
  return values;
}

function parseValue(tokens: Tokens, depth: number): AggregateField['value'] {
  if (tokens.accept('{')) return parseFields(tokens, '}', depth + 1);
  if (tokens.accept('<')) return parseFields(tokens, '>', depth + 1);
  if (tokens.peek().kind === 'string') return JSON.stringify(tokens.string('a value'));
  const sign = tokens.accept('-') ? '-' : '';
  const { kind, text } = tokens.next();
  if (kind !== 'name' && kind !== 'number') throw tokens.complaint('expected a value');
  return sign + text;
}
