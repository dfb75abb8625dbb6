import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { Binding } from '@penstock/kernel';
import { missingField, wrongType } from '../problems.ts';
import { ByteWriter, checkFinite, checkWhole } from '../wire/byte-writer.ts';
import { columnCode, compileSource, type EncodeBody } from '../wire/column-code.ts';
import { checkWritable, unfit } from '../wire/fit.ts';
import { columnOf } from './shape.ts';
import { wireTypeOf } from './wire-type.ts';

interface WrittenField {
  readonly binding: Binding;
  readonly field: DescField;
  /** The column's value in the generated source. */
  readonly value: string;
}

/** A tag of 5 and a Timestamp of 18 bytes are the most that a fixed part takes. */
const scalarBytesMax = 24;
const int32 = { min: -2_147_483_648, max: 2_147_483_647 };
const uint32 = { min: 0, max: 4_294_967_295 };
const int64 = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const uint64 = { min: 0, max: Number.MAX_SAFE_INTEGER };

interface ScalarCode {
  readonly write: string;
  readonly range: 'int32' | 'uint32' | 'int64' | 'uint64' | 'finite' | null;
}

const scalarCodes: Readonly<Record<ScalarType, ScalarCode>> = {
  [ScalarType.DOUBLE]: { write: 'writer.double(value)', range: 'finite' },
  [ScalarType.FLOAT]: { write: 'writer.float(value)', range: 'finite' },
  [ScalarType.INT64]: { write: 'writer.int64(value)', range: 'int64' },
  [ScalarType.UINT64]: { write: 'writer.varint(value)', range: 'uint64' },
  [ScalarType.INT32]: { write: 'writer.int64(value)', range: 'int32' },
  [ScalarType.FIXED64]: { write: 'writer.fixed64(value)', range: 'uint64' },
  [ScalarType.FIXED32]: { write: 'writer.fixed32(value)', range: 'uint32' },
  [ScalarType.BOOL]: { write: 'writer.byte(value ? 1 : 0)', range: null },
  [ScalarType.STRING]: { write: 'writer.text(value, 0)', range: null },
  [ScalarType.BYTES]: { write: 'writer.sized(value, 0)', range: null },
  [ScalarType.UINT32]: { write: 'writer.varint(value)', range: 'uint32' },
  [ScalarType.SFIXED32]: { write: 'writer.fixed32(value)', range: 'int32' },
  [ScalarType.SFIXED64]: { write: 'writer.fixed64(value)', range: 'int64' },
  [ScalarType.SINT32]: { write: 'writer.varint(((value << 1) ^ (value >> 31)) >>> 0)', range: 'int32' },
  [ScalarType.SINT64]: { write: 'writer.zigzag(value)', range: 'int64' },
};

/** Compiles a writer of a message: fields in the order of their numbers, what is null or proto3's zero left out. */
export function compileProtobufEncoder(message: DescMessage, bindings: readonly Binding[], frame: Uint8Array): EncodeBody {
  const columns = columnCode(bindings);
  const written = bindings.map((binding) => writtenField(message, binding, `${columns.variable(binding)}[row]`));
  written.sort((left, right) => left.field.number - right.field.number);
  checkRequired(message, written);
  const source = `
    ${columns.declarations}
    return function encode(rows, row) {
      ${columns.refresh}
      writer.reserve(${frame.length + written.length * scalarBytesMax}${written.map(lengthOf).join('')});
      ${[...frame].map((byte) => `writer.byte(${byte});`).join(' ')}
      ${written.map(fieldCode).join('\n')}
      return writer.take();
    };`;
  return compileSource<EncodeBody>(source, { ...environment, writer: new ByteWriter(), numbers: enumNumbers(written) });
}

const environment = {
  checkFinite,
  checkWhole,
  ranges: { int32, uint32, int64, uint64 },
  miss: (field: string): never => {
    throw missingField(`${field}: required, and null`, { facts: { field } });
  },
  timestampParts: (timeMs: number): [number, number] => {
    const seconds = Math.floor(timeMs / 1_000);
    return [seconds, (timeMs - seconds * 1_000) * 1_000_000];
  },
  varintLength: (value: number): number => {
    let length = value < 0 ? 10 : 1;
    for (let rest = value; rest >= 128; rest /= 128) length += 1;
    return length;
  },
};

function writtenField(message: DescMessage, binding: Binding, value: string): WrittenField {
  const field = message.fields.find(({ jsonName }) => jsonName === binding.field.name);
  if (field === undefined) throw unfit(binding, `and ${message.typeName} has no such field`);
  const column = columnOf(field);
  if (column === null) throw unfit(binding, `and ${message.typeName}.${field.name} is no scalar`);
  checkWritable(binding, column);
  return { binding, field, value };
}

function checkRequired(message: DescMessage, written: readonly WrittenField[]): void {
  for (const field of message.fields) {
    if (field.presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED || written.some((entry) => entry.field === field)) continue;
    throw missingField(`${message.typeName}.${field.name} is required, and no column holds it`, {
      facts: { field: field.jsonName },
    });
  }
}

/** Room beyond the fixed part; a number's column cannot ask for more. */
function lengthOf({ binding, value }: WrittenField): string {
  if (binding.field.type === 'string') return ` + (${value} === null ? 0 : ${value}.length * 3)`;
  return binding.field.type === 'bytes' ? ` + (${value} === null ? 0 : ${value}.length)` : '';
}

function fieldCode({ binding, field, value }: WrittenField): string {
  const isNull = ['string', 'bytes', 'boolean'].includes(binding.field.type) ? 'value === null' : 'value !== value';
  const otherwise =
    field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED ? ` else miss(${JSON.stringify(binding.field.name)});` : '';
  return `{ const value = ${value}; if (!(${isNull})${implicit(field)}) { ${writeCode(field, binding)} }${otherwise} }`;
}

/** proto3 leaves out zeros of fields without presence; minus zero is none. */
function implicit(field: DescField): string {
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return '';
  if (field.fieldKind === 'enum') return ` && value !== ${JSON.stringify(field.enum.values[0]?.name)}`;
  if (field.fieldKind !== 'scalar') return '';
  if (field.scalar === ScalarType.BOOL) return ' && value';
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) return ' && value.length > 0';
  return ' && (value !== 0 || 1 / value < 0)';
}

function writeCode(field: DescField, { field: { name } }: Binding): string {
  const tag = `writer.varint(${field.number * 8 + wireTypeOf(field)});`;
  const label = JSON.stringify(name);
  if (field.fieldKind === 'enum') return `${tag} writer.int64(numbers.numberOf(numbers[${field.number}], value, ${label}));`;
  if (field.fieldKind === 'message') return `checkWhole(value, ${label}, ranges.int64); ${tag} ${timestampCode}`;
  const { write, range } = scalarCodes[(field as { scalar: ScalarType }).scalar];
  if (range === null) return `${tag} ${write};`;
  const rounded = (field as { scalar: ScalarType }).scalar === ScalarType.FLOAT ? 'Math.fround(value)' : 'value';
  const check = range === 'finite' ? `checkFinite(${rounded}, ${label});` : `checkWhole(value, ${label}, ranges.${range});`;
  return `${check} ${tag} ${write};`;
}

const timestampCode = `
  const [seconds, nanos] = timestampParts(value);
  writer.byte((seconds === 0 ? 0 : 1 + varintLength(seconds)) + (nanos === 0 ? 0 : 1 + varintLength(nanos)));
  if (seconds !== 0) { writer.byte(8); writer.int64(seconds); }
  if (nanos !== 0) { writer.byte(16); writer.varint(nanos); }`;

interface EnumNumbers {
  readonly [fieldNumber: number]: ReadonlyMap<string, number>;
  numberOf(numbers: ReadonlyMap<string, number>, name: string, field: string): number;
}

function enumNumbers(written: readonly WrittenField[]): EnumNumbers {
  const byField = written.flatMap(({ field }) => {
    if (field.fieldKind !== 'enum') return [];
    return [[field.number, new Map(field.enum.values.map(({ number, name }) => [name, number]))] as const];
  });
  return {
    ...Object.fromEntries(byField),
    numberOf: (numbers, name, field) => {
      const number = numbers.get(name) ?? (/^-?\d{1,10}$/.test(name) ? Number(name) : undefined);
      if (number !== undefined) return number;
      throw wrongType(`${field}: expected one of ${[...numbers.keys()].join(', ')}, got ${name}`, { facts: { field } });
    },
  };
}
