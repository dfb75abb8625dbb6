import type { Binding } from '@penstock/kernel';
import { missingField, wrongType } from '../problems.ts';
import { ByteWriter, checkFinite, checkWhole } from '../wire/byte-writer.ts';
import { columnCode, compileSource, type EncodeBody } from '../wire/column-code.ts';
import { checkWritable, unfit } from '../wire/fit.ts';
import { writeDefault } from './default.ts';
import type { AvroField, AvroType } from './model.ts';
import { type AvroColumn, type AvroSchema, columnOf } from './schema.ts';

const scalarBytesMax = 24;
const int = { min: -2_147_483_648, max: 2_147_483_647 };
const long = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
/** Microseconds of these milliseconds are still exact. */
const micros = { min: -9_007_199_254_740, max: 9_007_199_254_740 };

interface WrittenField {
  readonly field: AvroField;
  readonly binding: Binding | null;
  /** Bytes of a field that no column holds: its default, or null. */
  readonly constant: Uint8Array;
}

/** Compiles a writer of whole records: every field has a column, a default, or null for a value. */
export function compileAvroEncoder(schema: AvroSchema, bindings: readonly Binding[], frame: Uint8Array): EncodeBody {
  const { type } = schema;
  const columns = columnCode(bindings);
  const fields = type.kind === 'record' ? type.fields : [];
  const stray = bindings.find((binding) => !fields.some(({ name }) => name === binding.field.name));
  if (stray !== undefined) throw unfit(stray, `and ${schema.shape.name} has no such field`);
  const written = fields.map((field) => writtenField(field, bindings));
  const room = frame.length + written.reduce((sum, { constant }) => sum + constant.length + scalarBytesMax, 0);
  const source = `
    ${columns.declarations}
    return function encode(rows, row) {
      ${columns.refresh}
      writer.reserve(${room}${written.map((entry) => lengthOf(entry, columns.variable)).join('')});
      ${[...frame].map((byte) => `writer.byte(${byte});`).join(' ')}
      ${written.map((entry) => fieldCode(entry, columns.variable)).join('\n')}
      return writer.take();
    };`;
  return compileSource<EncodeBody>(source, { ...environment, writer: new ByteWriter(), symbols: symbolNumbers(written) });
}

const environment = {
  checkFinite,
  checkWhole,
  ranges: { int, long, micros },
  missNull: (field: string): never => {
    throw missingField(`${field}: expected a value, got null`, { facts: { field } });
  },
  symbolOf: (numbers: ReadonlyMap<string, number>, name: string, field: string): number => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    throw wrongType(`${field}: expected one of ${[...numbers.keys()].join(', ')}, got ${name}`, { facts: { field } });
  },
  checkSize: (value: Uint8Array, size: number, field: string): void => {
    if (value.length !== size) throw wrongType(`${field}: expected ${size} bytes, got ${value.length}`, { facts: { field } });
  },
};

function writtenField(field: AvroField, bindings: readonly Binding[]): WrittenField {
  const binding = bindings.find(({ field: { name } }) => name === field.name);
  if (binding === undefined) return { field, binding: null, constant: constantOf(field) };
  const column = columnOf(field);
  if (column === null) throw unfit(binding, `and ${field.name} is no scalar`);
  checkWritable(binding, column.field);
  return { field, binding, constant: new Uint8Array(0) };
}

function constantOf(field: AvroField): Uint8Array {
  const bytes = field.default === undefined ? writeDefault(field.type, null) : writeDefault(field.type, field.default.json);
  if (bytes !== null) return bytes;
  throw missingField(`${field.name}: no column holds it, it has no default and may not be null`, {
    facts: { field: field.name },
  });
}

type VariableOf = (binding: Binding) => string;

function lengthOf({ binding }: WrittenField, variable: VariableOf): string {
  if (binding === null) return '';
  const value = `${variable(binding)}[row]`;
  if (binding.field.type === 'string') return ` + (${value} === null ? 0 : ${value}.length * 3)`;
  return binding.field.type === 'bytes' ? ` + (${value} === null ? 0 : ${value}.length)` : '';
}

function fieldCode({ field, binding, constant }: WrittenField, variable: VariableOf): string {
  if (binding === null) return [...constant].map((byte) => `writer.byte(${byte});`).join(' ');
  const column = columnOf(field) as AvroColumn;
  const label = JSON.stringify(field.name);
  const isNull = ['string', 'bytes', 'boolean'].includes(binding.field.type) ? 'value === null' : 'value !== value';
  const branch = column.union === null ? '' : `writer.zigzag(${column.union.scalar});`;
  const hasNull = column.union !== null && column.union.null >= 0;
  const onNull = hasNull ? `writer.zigzag(${column.union?.null});` : `missNull(${label});`;
  const write = writeCode(column.scalar, label);
  return `{ const value = ${variable(binding)}[row]; if (${isNull}) { ${onNull} } else { ${branch} ${write} } }`;
}

function writeCode(scalar: AvroType, label: string): string {
  switch (scalar.kind) {
    case 'boolean':
      return 'writer.byte(value ? 1 : 0);';
    case 'int':
      return `checkWhole(value, ${label}, ranges.int); writer.zigzag(value);`;
    case 'long':
      return scalar.logicalType === 'timestamp-micros'
        ? `checkWhole(value, ${label}, ranges.micros); writer.zigzag(value * 1000);`
        : `checkWhole(value, ${label}, ranges.long); writer.zigzag(value);`;
    case 'float':
      return `checkFinite(Math.fround(value), ${label}); writer.float(value);`;
    case 'double':
      return `checkFinite(value, ${label}); writer.double(value);`;
    case 'bytes':
      return 'writer.sized(value, 1);';
    case 'fixed':
      return `checkSize(value, ${scalar.size}, ${label}); writer.raw(value);`;
    case 'enum':
      return `writer.zigzag(symbolOf(symbols[${label}], value, ${label}));`;
    default:
      return 'writer.text(value, 1);';
  }
}

function symbolNumbers(written: readonly WrittenField[]): Readonly<Record<string, ReadonlyMap<string, number>>> {
  const entries = written.flatMap(({ field }) => {
    const scalar = columnOf(field)?.scalar;
    if (scalar?.kind !== 'enum') return [];
    return [[field.name, new Map(scalar.symbols.map((symbol, index) => [symbol, index]))] as const];
  });
  return Object.fromEntries(entries);
}
