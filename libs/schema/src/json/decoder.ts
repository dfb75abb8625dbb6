import type { Binding, Rows } from '@penstock/kernel';
import { messageOf } from '@penstock/kernel';
import { invalidPayload, unknownField, wrongType } from '../problems.ts';
import { columnCode, compileSource, type DecodeBody, nullOf } from '../wire/column-code.ts';
import { checkReadable, unfit } from '../wire/fit.ts';
import { textOf } from '../wire/text.ts';
import type { JsonSchema } from './schema.ts';
import { type Presence, readValue } from './value.ts';

export interface JsonColumn {
  readonly binding: Binding;
  readonly presence: Presence;
  /** Null: the record never has it. */
  readonly name: string | null;
  /** Integers may come as strings of digits, as proto3's JSON writes those of 64 bits. */
  readonly digitsAllowed: boolean;
}

export interface JsonDecoding {
  readonly columns: readonly JsonColumn[];
  /** What else an object may have; null: anything. */
  readonly knownNames: ReadonlySet<string> | null;
}

export type UnknownFields = 'ignore' | 'reject';

/** Compiles a reader of JSON records by their schema. */
export function compileJsonDecoder(
  schema: JsonSchema,
  bindings: readonly Binding[],
  { unknownFields, start }: { readonly unknownFields: UnknownFields; readonly start: number },
): DecodeBody {
  const columns = bindings.map((binding) => jsonColumn(schema, binding));
  const known = unknownFields === 'reject' ? new Set(schema.properties.map(({ name }) => name)) : null;
  const fill = compileFill({ columns, knownNames: known });
  const { validator } = schema;
  return (bytes, rows, row) => {
    const value = parseObject(start === 0 ? bytes : bytes.subarray(start));
    const complaint = validator === null ? null : validator(value);
    if (complaint !== null)
      throw wrongType(`${complaint.field || 'the record'}: ${complaint.message}`, { facts: { field: complaint.field } });
    fill(value, rows, row);
  };
}

function jsonColumn(schema: JsonSchema, binding: Binding): JsonColumn {
  const property = schema.properties.find(({ name }) => name === binding.field.name);
  if (property === undefined) {
    if (!binding.field.nullable) throw unfit(binding, 'and the schema has no such property');
    return { binding, presence: 'optional', name: null, digitsAllowed: false };
  }
  if (property.field === null) throw unfit(binding, 'and the schema says no scalar');
  checkReadable(binding, property.field);
  const presence = property.required && !property.allowsNull ? 'required' : binding.field.nullable ? 'optional' : 'required';
  return { binding, presence, name: property.name, digitsAllowed: false };
}

/** Throws `schema.invalid-payload` unless the bytes are a JSON object in UTF-8. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parse(textOf(bytes));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw invalidPayload('expected a JSON object');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidPayload(`not JSON: ${messageOf(cause)}`, { cause });
  }
}

export type Fill = (value: Readonly<Record<string, unknown>>, rows: Rows, row: number) => void;

/** Compiles what moves an object's values into columns: one test for the usual case of each, the rest in `readValue`. */
export function compileFill({ columns: filled, knownNames }: JsonDecoding): Fill {
  const columns = columnCode(filled.map(({ binding }) => binding));
  const source = `
    ${columns.declarations}
    return function fill(record, rows, row) {
      ${columns.refresh}
      ${knownNames === null ? '' : 'refuseUnknown(record, knownNames);'}
      ${filled.map((column, index) => valueCode(column, `${columns.variable(column.binding)}[row]`, index)).join('\n')}
    };`;
  return compileSource<Fill>(source, { columns: filled, readValue, refuseUnknown, knownNames, hasOwn: Object.hasOwn });
}

/** The name of a property that every object has would find the wrong one. */
function propertyCode(name: string): string {
  const literal = JSON.stringify(name);
  return name in Object.prototype ? `(hasOwn(record, ${literal}) ? record[${literal}] : undefined)` : `record[${literal}]`;
}

function valueCode({ binding, name }: JsonColumn, target: string, index: number): string {
  if (name === null) return `${target} = ${nullOf(binding)};`;
  const usual = usualTest[binding.field.type];
  const slow = `readValue(value, columns[${index}])`;
  return `{ const value = ${propertyCode(name)}; ${target} = ${usual === null ? slow : `${usual} ? value : ${slow}`}; }`;
}

const usualTest: Readonly<Record<Binding['field']['type'], string | null>> = {
  number: "typeof value === 'number' && value - value === 0",
  integer: 'Number.isSafeInteger(value)',
  time: null,
  boolean: "typeof value === 'boolean'",
  string: "typeof value === 'string'",
  bytes: null,
};

function refuseUnknown(record: object, known: ReadonlySet<string>): void {
  for (const field of Object.keys(record)) {
    if (!known.has(field)) throw unknownField(`${field}: the schema knows no such field`, { facts: { field } });
  }
}
