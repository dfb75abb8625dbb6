import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { AggregateField } from './aggregate.ts';

type TextValue = AggregateField['value'];

/** What a field of a message, or an option, is made of. */
export type ValueKind =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly enum: DescEnum }
  | { readonly kind: 'message'; readonly message: DescMessage };

type Kinded = Pick<DescField, 'scalar' | 'enum' | 'message'>;

export function kindOf({ scalar, enum: declared, message }: Kinded): ValueKind {
  if (message !== undefined) return { kind: 'message', message };
  if (declared !== undefined) return { kind: 'enum', enum: declared };
  return { kind: 'scalar', scalar: scalar ?? ScalarType.STRING };
}

/** A value of Protobuf's text format as what it stands for. Throws where it is none of that kind. */
export function readTextValue(kind: ValueKind, text: TextValue): unknown {
  if (kind.kind === 'message') return readMessage(kind.message, text);
  if (typeof text !== 'string') throw new TypeError('expected a scalar');
  return kind.kind === 'enum' ? readEnum(kind.enum, text) : readScalar(kind.scalar, text);
}

/** The other way round. */
export function printTextValue(kind: ValueKind, value: unknown): TextValue {
  if (kind.kind === 'message') return printMessageFields(reflect(kind.message, value as Message));
  if (kind.kind === 'enum') return kind.enum.value[value as number]?.name ?? String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('utf8'));
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function readMessage(desc: DescMessage, text: TextValue): Message {
  if (typeof text === 'string') throw new TypeError(`expected the fields of ${desc.typeName}`);
  const message = reflect(desc, create(desc));
  for (const { name, value } of text) {
    const field = desc.fields.find((each) => each.name === name);
    if (field === undefined) throw new TypeError(`${desc.typeName} has no field ${name}`);
    setField(message, field, value);
  }
  return message.message;
}

function setField(message: ReflectMessage, field: DescField, text: TextValue): void {
  const given = (kind: ValueKind, value: TextValue): never => {
    const read = readTextValue(kind, value);
    return (kind.kind === 'message' ? reflect(kind.message, read as Message) : read) as never;
  };
  if (field.fieldKind === 'list') message.get(field).add(given(kindOf(field), text));
  else if (field.fieldKind === 'map') {
    const entry = new Map((typeof text === 'string' ? [] : text).map(({ name, value }) => [name, value]));
    const key = given({ kind: 'scalar', scalar: field.mapKey }, entry.get('key') ?? '""');
    message.get(field).set(key, given(kindOf(field), entry.get('value') ?? '""'));
  } else message.set(field, given(kindOf(field), text));
}

function readEnum(desc: DescEnum, text: string): number {
  const number = desc.values.find(({ name }) => name === text)?.number ?? Number(text);
  if (!Number.isInteger(number)) throw new TypeError(`${desc.typeName} has no value ${text}`);
  return number;
}

const longs: readonly ScalarType[] = [
  ...[ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64],
];

function readScalar(type: ScalarType, text: string): unknown {
  if (type === ScalarType.STRING) return JSON.parse(text) as unknown;
  if (type === ScalarType.BYTES) return new TextEncoder().encode(String(JSON.parse(text)));
  if (type === ScalarType.BOOL) return ['true', 't', '1'].includes(text);
  return longs.includes(type) ? BigInt(text) : Number(text);
}

function printMessageFields(message: ReflectMessage): AggregateField[] {
  return message.fields.flatMap((field) => {
    if (!message.isSet(field)) return [];
    const { name } = field;
    const kind = kindOf(field);
    const printed = (value: unknown): TextValue =>
      printTextValue(kind, kind.kind === 'message' ? (value as ReflectMessage).message : value);
    if (field.fieldKind === 'list') return [...message.get(field)].map((value) => ({ name, value: printed(value) }));
    if (field.fieldKind === 'map') {
      const key = { kind: 'scalar', scalar: field.mapKey } as const;
      return [...message.get(field)].map(([at, value]) => ({
        name,
        value: [
          { name: 'key', value: printTextValue(key, at) },
          { name: 'value', value: printed(value) },
        ],
      }));
    }
    return [{ name, value: printed(message.get(field)) }];
  });
}
