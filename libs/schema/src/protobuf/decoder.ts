import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { Binding } from '@penstock/kernel';
import { missingField, wrongType } from '../problems.ts';
import { type ColumnCode, columnCode, compileSource, type DecodeBody, nullOf } from '../wire/column-code.ts';
import { checkReadable, unfit } from '../wire/fit.ts';
import { columnOf } from './shape.ts';
import { skipField, WireReader } from './wire-reader.ts';
import { wireTypeOf } from './wire-type.ts';

interface BoundField {
  readonly binding: Binding;
  readonly field: DescField;
}

const readCalls: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: 'reader.double()',
  [ScalarType.FLOAT]: 'reader.float()',
  [ScalarType.INT64]: 'reader.int64()',
  [ScalarType.UINT64]: 'reader.uint64()',
  [ScalarType.INT32]: '(reader.varint() | 0)',
  [ScalarType.FIXED64]: 'reader.fixed64()',
  [ScalarType.FIXED32]: 'reader.fixed32()',
  [ScalarType.BOOL]: '(reader.varint() !== 0)',
  [ScalarType.STRING]: 'reader.string(reader.length())',
  [ScalarType.BYTES]: 'reader.view(reader.length())',
  [ScalarType.UINT32]: 'reader.varint()',
  [ScalarType.SFIXED32]: 'reader.sfixed32()',
  [ScalarType.SFIXED64]: 'reader.sfixed64()',
  [ScalarType.SINT32]: 'unzigzag(reader.varint())',
  [ScalarType.SINT64]: 'reader.zigzag()',
};

/** Compiles a reader of a message's bound columns. Fields that nobody names are skipped unread; NaN and infinities are refused. */
export function compileProtobufDecoder(message: DescMessage, bindings: readonly Binding[], start: number): DecodeBody {
  const columns = columnCode(bindings);
  const bound = bindings.flatMap((binding) => boundField(message, binding));
  const absent = bindings.filter((binding) => !bound.some((entry) => entry.binding === binding));
  for (const binding of absent) if (!binding.field.nullable) throw unfit(binding, `and ${message.typeName} has no such field`);
  const source = `
    ${columns.declarations}
    return function decode(bytes, rows, row) {
      ${columns.refresh}
      ${absent.map((binding) => `${columns.variable(binding)}[row] = ${nullOf(binding)};`).join('\n')}
      ${bound.map((entry) => `${columns.variable(entry.binding)}[row] = ${initial(entry)};`).join('\n')}
      ${bound
        .filter(isRequired)
        .map(({ field }) => `let seen${field.number} = false;`)
        .join('\n')}
      reader.open(bytes, ${start}, bytes.length);
      while (reader.at < reader.end) {
        reader.field = 'a tag';
        const tag = reader.varint();
        switch (tag) {
          ${bound.map((entry) => fieldCase(entry, bound, columns)).join('\n')}
          default:
            ${bound.length > 0 ? 'if (known.has(tag >>> 3)) refuse(known, tag);' : ''}
            skipField(reader, tag);
        }
      }
      ${bound
        .filter(isRequired)
        .map(({ field }) => `if (!seen${field.number}) miss(${JSON.stringify(field.jsonName)});`)
        .join('\n')}
    };`;
  const known = new Map(bound.map(({ field }) => [field.number, field.jsonName]));
  return compileSource<DecodeBody>(source, { ...environment, reader: new WireReader(), known, names: enumNames(bound) });
}

const environment = {
  skipField,
  unzigzag: (value: number): number => (value >>> 1) ^ -(value & 1),
  refuse: (known: ReadonlyMap<number, string>, tag: number): never => {
    const field = known.get(tag >>> 3) ?? '';
    throw wrongType(`${field}: wire type ${tag & 7} is not that of the schema`, { facts: { field } });
  },
  miss: (field: string): never => {
    throw missingField(`${field}: required, and not in the record`, { facts: { field } });
  },
};

function boundField(message: DescMessage, binding: Binding): BoundField[] {
  const field = message.fields.find(({ jsonName }) => jsonName === binding.field.name);
  if (field === undefined) return [];
  const column = columnOf(field);
  if (column === null) throw unfit(binding, `and ${message.typeName}.${field.name} is no scalar`);
  checkReadable(binding, column);
  return [{ binding, field }];
}

function isRequired({ field }: BoundField): boolean {
  return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

/** What the column holds when the record does not have the field. */
function initial({ binding, field }: BoundField): string {
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT && (binding.field.nullable || field.fieldKind === 'message'))
    return nullOf(binding);
  if (field.fieldKind === 'enum') return JSON.stringify(field.enum.values[0]?.name ?? '0');
  return field.fieldKind === 'scalar' ? zero(field.scalar) : nullOf(binding);
}

function zero(scalar: ScalarType): string {
  if (scalar === ScalarType.STRING) return "''";
  if (scalar === ScalarType.BYTES) return 'new Uint8Array(0)';
  return scalar === ScalarType.BOOL ? 'false' : '0';
}

function fieldCase(entry: BoundField, all: readonly BoundField[], columns: ColumnCode): string {
  const { binding, field } = entry;
  // The last member of a oneof wins: the others become null.
  const rivals = all.filter((other) => other !== entry && field.oneof !== undefined && other.field.oneof === field.oneof);
  return `case ${field.number * 8 + wireTypeOf(field)}:
    reader.field = ${JSON.stringify(field.jsonName)};
    ${rivals.map((rival) => `${columns.variable(rival.binding)}[row] = ${nullOf(rival.binding)};`).join(' ')}
    ${columns.variable(binding)}[row] = ${readCall(field)};
    ${isRequired(entry) ? `seen${field.number} = true;` : ''}
    break;`;
}

function readCall(field: DescField): string {
  if (field.fieldKind === 'scalar') return readCalls[field.scalar];
  if (field.fieldKind === 'message') return 'reader.timestampMs()';
  return `names.nameOf(names[${field.number}], reader.varint() | 0)`;
}

interface EnumNames {
  readonly [fieldNumber: number]: ReadonlyMap<number, string>;
  nameOf(names: ReadonlyMap<number, string>, number: number): string;
}

/** A number without a name stays a number in digits: enums of proto3 are open. */
function enumNames(bound: readonly BoundField[]): EnumNames {
  const byField = bound.flatMap(({ field }) => {
    if (field.fieldKind !== 'enum') return [];
    return [[field.number, new Map(field.enum.values.map(({ number, name }) => [number, name]))] as const];
  });
  return { ...Object.fromEntries(byField), nameOf: (names, number) => names.get(number) ?? String(number) };
}
