import type { Field, FieldType } from '@penstock/kernel';
import { type ProtobufSchema, parseSchema } from '@penstock/schema';

/** One line of a message. */
interface NumberedField {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly isOptional: boolean;
  /** The name in JSON, where it does not follow from the name. */
  readonly jsonName: string | null;
}

/** Names and numbers that once were fields and never will be again. */
interface Reserved {
  readonly numbers: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
}

export interface DerivedMessage {
  readonly text: string;
  /** `rooms.Features`. */
  readonly message: string;
}

const protobufTypes: Readonly<Record<FieldType, string>> = {
  number: 'double',
  integer: 'int64',
  time: 'google.protobuf.Timestamp',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
};

/**
 * The schema of a topic whose records a stage makes up, printed from their fields. A field keeps its number for ever, by its name,
 * as long as its type stays; new ones are numbered behind all that ever were; numbers and names that are gone are reserved.
 */
export function deriveMessage(
  { pipeline, topic, fields }: { pipeline: string; topic: string; fields: readonly Field[] },
  registered: { readonly text: string; readonly message?: string } | null,
): DerivedMessage {
  const names = namesOf(pipeline, topic);
  const before = registered === null ? null : readRegistered(registered);
  const taken = before?.numbers ?? new Map<string, NumberedField>();
  let last = Math.max(0, ...[...taken.values()].map(({ number }) => number), ...(before?.reserved.numbers ?? []));
  const numbered = fields.map((field): NumberedField => {
    const name = snakeCase(field.name);
    const kept = taken.get(name);
    const number = kept?.type === protobufTypes[field.type] ? kept.number : nextNumber((last += 1));
    last = Math.max(last, number);
    const isOptional = field.nullable && field.type !== 'time';
    return {
      name,
      number,
      type: protobufTypes[field.type],
      isOptional,
      jsonName: camelCase(name) === field.name ? null : field.name,
    };
  });
  const reserved = reservedOf(before, numbered);
  const text = print(names, numbered, reserved);
  return { text, message: `${names.package}.${names.message}` };
}

/** Protobuf keeps 19000 to 19999 for itself. */
function nextNumber(number: number): number {
  return number >= 19_000 && number <= 19_999 ? 20_000 : number;
}

function namesOf(pipeline: string, topic: string): { readonly package: string; readonly message: string } {
  const own = topic.startsWith(`${pipeline}.`) ? topic.slice(pipeline.length + 1) : topic;
  const words = own.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const message = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
  return { package: pipeline.replaceAll('-', '_'), message: /^[A-Z]/.test(message) ? message : `Topic${message}` };
}

function readRegistered(registered: { readonly text: string; readonly message?: string }): {
  readonly numbers: ReadonlyMap<string, NumberedField>;
  readonly reserved: Reserved;
} {
  const { message } = parseSchema({ format: 'PROTOBUF', ...registered }) as ProtobufSchema;
  const numbers = message.fields.map((field): [string, NumberedField] => [
    field.name,
    { name: field.name, number: field.number, type: typeOf(field), isOptional: field.proto.proto3Optional, jsonName: null },
  ]);
  const ranges = message.proto.reservedRange.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, at) => start + at),
  );
  return { numbers: new Map(numbers), reserved: { numbers: new Set(ranges), names: new Set(message.proto.reservedName) } };
}

function typeOf({ proto, fieldKind }: ProtobufSchema['message']['fields'][number]): string {
  if (fieldKind === 'message') return proto.typeName.replace(/^\./, '');
  return scalarNames[proto.type] ?? fieldKind;
}

/** By descriptor.proto's numbers, as far as derived schemas use them. */
const scalarNames: Readonly<Record<number, string>> = { 1: 'double', 3: 'int64', 8: 'bool', 9: 'string', 12: 'bytes' };

function reservedOf(before: ReturnType<typeof readRegistered> | null, now: readonly NumberedField[]): Reserved {
  const numbers = new Set(before?.reserved.numbers);
  const names = new Set(before?.reserved.names);
  for (const { name, number } of before?.numbers.values() ?? []) {
    if (now.some((field) => field.number === number)) continue;
    numbers.add(number);
    names.add(name);
  }
  for (const { name } of now) names.delete(name); // it came back, or has another type: under a new number
  return { numbers, names };
}

function print(names: ReturnType<typeof namesOf>, fields: readonly NumberedField[], { numbers, names: gone }: Reserved): string {
  const lines = [...fields]
    .sort((left, right) => left.number - right.number)
    .map(({ name, number, type, isOptional, jsonName }) => {
      const json = jsonName === null ? '' : ` [json_name = ${JSON.stringify(jsonName)}]`;
      return `  ${isOptional ? 'optional ' : ''}${type} ${name} = ${number}${json};`;
    });
  if (numbers.size > 0) lines.push(`  reserved ${[...numbers].sort((left, right) => left - right).join(', ')};`);
  if (gone.size > 0)
    lines.push(
      `  reserved ${[...gone]
        .sort()
        .map((name) => JSON.stringify(name))
        .join(', ')};`,
    );
  const imports = fields.some(({ type }) => type === protobufTypes.time) ? ['import "google/protobuf/timestamp.proto";', ''] : [];
  const head = ['syntax = "proto3";', '', `package ${names.package};`, '', ...imports];
  return [...head, `message ${names.message} {`, ...lines, '}', ''].join('\n');
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** As protoc makes a JSON name of a field's name. */
function camelCase(name: string): string {
  return name.replaceAll(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}
