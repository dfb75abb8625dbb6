import type { Binding } from '@penstock/kernel';
import { invalidPayload } from '../problems.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import { columnCode, compileSource, type DecodeBody, nullOf } from '../wire/column-code.ts';
import { checkReadable, unfit } from '../wire/fit.ts';
import type { AvroField, AvroRecord, AvroType } from './model.ts';
import { type AvroColumn, type AvroSchema, columnOf } from './schema.ts';
import { skipValue } from './skip.ts';

/**
 * Compiles a reader of a record's bound columns; the other fields are skipped unread. Columns that the writer lacks are null or
 * the reader's default.
 */
export function compileAvroDecoder(
  writer: AvroSchema,
  bindings: readonly Binding[],
  { reader, start }: { readonly reader: AvroSchema | null; readonly start: number },
): DecodeBody {
  if (writer.type.kind !== 'record') throw unfitRecord(bindings, writer);
  const record = writer.type;
  const columns = columnCode(bindings);
  const found = new Map(bindings.map((binding) => [binding, writerField(record, binding, reader)]));
  const absent = bindings.filter((binding) => found.get(binding) === null);
  const types: AvroType[] = [];
  const steps = record.fields.map((field) => {
    const bound = bindings.filter((binding) => found.get(binding) === field);
    return fieldCode(field, { targets: bound.map((binding) => `${columns.variable(binding)}[row]`), bindings: bound, types });
  });
  const source = `
    ${columns.declarations}
    return function decode(bytes, rows, row) {
      ${columns.refresh}
      ${absent.map((binding) => `${columns.variable(binding)}[row] = ${absentValue(binding, reader)};`).join('\n')}
      reader.open(bytes, ${start}, bytes.length);
      ${steps.join('\n')}
      reader.finish();
    };`;
  return compileSource<DecodeBody>(source, { reader: new ByteReader(), skipValue, types, nameOf, badBranch });
}

function unfitRecord([first]: readonly Binding[], { type }: AvroSchema): Error {
  const binding = first ?? { field: { name: 'the record', type: 'bytes', nullable: false }, slot: 0 };
  return unfit(binding, `and the schema is ${type.kind}, not a record`);
}

/** By name, or by the aliases that the reader's field has. */
function writerField(record: AvroRecord, { field: { name } }: Binding, reader: AvroSchema | null): AvroField | null {
  const own = readerField(reader, name);
  const names = [name, ...(own?.aliases ?? [])];
  return names.flatMap((candidate) => record.fields.find((field) => field.name === candidate) ?? [])[0] ?? null;
}

function readerField(reader: AvroSchema | null, name: string): AvroField | undefined {
  return reader?.type.kind === 'record' ? reader.type.fields.find((field) => field.name === name) : undefined;
}

function absentValue(binding: Binding, reader: AvroSchema | null): string {
  const field = readerField(reader, binding.field.name);
  const json = field?.default?.json;
  const { type, nullable } = binding.field;
  if (field !== undefined && typeof json === 'number') return String(defaultNumber(json, field, binding));
  if (typeof json === 'string' && type === 'number') return String(Number(json));
  if (json !== undefined && json !== null && type === 'bytes') return `Buffer.from(${JSON.stringify(json)}, 'latin1')`;
  if (json !== undefined && json !== null) return JSON.stringify(json);
  if (nullable) return nullOf(binding);
  throw unfit(binding, 'and the writer has no such field, nor the reader a default');
}

function defaultNumber(given: number, field: AvroField, binding: Binding): number {
  const scalar = columnOf(field)?.scalar;
  if (scalar?.kind !== 'long') return given;
  if (!Number.isSafeInteger(given)) throw unfit(binding, `and the reader's default ${given} does not fit into 2^53`);
  return scalar.logicalType === 'timestamp-micros' ? Math.floor(given / 1000) : given;
}

interface Step {
  readonly targets: readonly string[];
  readonly bindings: readonly Binding[];
  /** Types that the skipper is called with. */
  readonly types: AvroType[];
}

function fieldCode(field: AvroField, { targets, bindings, types }: Step): string {
  const named = `reader.field = ${JSON.stringify(field.name)};`;
  const [first] = bindings;
  if (first === undefined) return `${named} ${skipCode(field.type, types)}`;
  const column = columnOf(field);
  if (column === null) throw unfit(first, 'and the schema says no scalar');
  for (const binding of bindings) checkReadable(binding, column.field);
  const assign = (value: string): string => `${targets.join(' = ')} = ${value};`;
  const read = assign(readCode(column, types));
  if (column.union === null) return `${named} ${read}`;
  const { scalar, null: nullIndex } = column.union;
  const isNull = nullIndex < 0 ? '' : `if (branch === ${nullIndex}) { ${nulls(bindings, targets)} } else`;
  return `${named} { const branch = reader.zigzag(); ${isNull} if (branch === ${scalar}) { ${read} } else badBranch(reader, branch); }`;
}

function nulls(bindings: readonly Binding[], targets: readonly string[]): string {
  return bindings.map((binding, index) => `${targets[index]} = ${nullOf(binding)};`).join(' ');
}

function readCode({ scalar }: AvroColumn, types: AvroType[]): string {
  switch (scalar.kind) {
    case 'boolean':
      return 'reader.bit()';
    case 'int':
      return 'reader.zigzag32()';
    case 'long':
      return scalar.logicalType === 'timestamp-micros' ? 'Math.floor(reader.zigzag() / 1000)' : 'reader.zigzag()';
    case 'float':
      return 'reader.float()';
    case 'double':
      return 'reader.double()';
    case 'bytes':
      return 'reader.view(reader.zigzag())';
    case 'fixed':
      return `reader.view(${scalar.size})`;
    case 'enum':
      return `nameOf(reader, types[${types.push(scalar) - 1}].symbols)`;
    default:
      return 'reader.string(reader.zigzag())';
  }
}

/** Text is skipped in place; the rest by walking its type. */
function skipCode(type: AvroType, types: AvroType[]): string {
  if (type.kind === 'string' || type.kind === 'bytes') return 'reader.skip(reader.zigzag());';
  if (type.kind === 'double') return 'reader.skip(8);';
  if (type.kind === 'int' || type.kind === 'long') return 'reader.wide();';
  return `skipValue(reader, types[${types.push(type) - 1}], 0);`;
}

function nameOf(reader: ByteReader, symbols: readonly string[]): string {
  const index = reader.zigzag();
  const symbol = symbols[index];
  if (symbol !== undefined) return symbol;
  throw invalidPayload(`${reader.field}: the enum has no symbol ${index}`, { facts: { field: reader.field } });
}

function badBranch(reader: ByteReader, branch: number): never {
  throw invalidPayload(`${reader.field}: the union has no branch ${branch}`, { facts: { field: reader.field } });
}
