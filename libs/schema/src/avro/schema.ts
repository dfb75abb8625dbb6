import { type Field, type FieldType, messageOf, type Shape } from '@penstock/kernel';
import { minifiedJson } from '../minified-json.ts';
import { nestingOf, parseExactly } from '../ordered-json.ts';
import { invalidSchema } from '../problems.ts';
import type { SchemaSource } from '../schema-source.ts';
import { canonicalAvro } from './canonical.ts';
import type { AvroField, AvroType } from './model.ts';
import { type NamedTypes, parseAvroType } from './parse.ts';

export interface AvroSchema {
  readonly format: 'AVRO';
  readonly text: string;
  readonly canonical: string;
  readonly shape: Shape;
  readonly type: AvroType;
}

/** What a column reads and writes of a field: a type of its own or the one branch beside null. */
export interface AvroColumn {
  readonly field: Field;
  readonly scalar: AvroType;
  /** The index of the scalar's and of null's branch, where the field is a union. */
  readonly union: { readonly scalar: number; readonly null: number } | null;
}

/** Throws `schema.invalid-schema`. */
export function parseAvroSchema({ text, imports, isStored = false }: SchemaSource): AvroSchema {
  const named: NamedTypes = new Map();
  for (const imported of imports?.values() ?? []) parseAvroType(parseJson(imported), named, true);
  const json = parseJson(text);
  const type = parseAvroType(json, named, isStored);
  return {
    format: 'AVRO',
    text: minifiedJson(text),
    canonical: canonicalAvro(parseExactly(text, json)),
    shape: shapeOfType(type),
    type,
  };
}

/** A record within a record is three or four brackets deep. */
const depthMax = 400;

function parseJson(text: string): unknown {
  if (nestingOf(text) > depthMax) throw invalidSchema(`Avro schema: nested deeper than ${depthMax}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidSchema(`Avro schema: ${messageOf(cause)}`, { cause });
  }
}

function shapeOfType(type: AvroType): Shape {
  if (type.kind !== 'record') return { name: type.kind, fields: [] };
  return { name: type.name, fields: type.fields.flatMap((field) => columnOf(field)?.field ?? []) };
}

/** Null where the field's values are no scalars: arrays, maps, records, unions of more than null and one scalar. */
export function columnOf({ name, type, unit }: AvroField): AvroColumn | null {
  const branches = type.kind === 'union' ? type.branches : [type];
  const scalars = branches.filter(({ kind }) => kind !== 'null');
  const [scalar] = scalars;
  const columnType = scalar === undefined || scalars.length > 1 ? null : columnTypeOf(scalar);
  if (scalar === undefined || columnType === null) return null;
  const nullIndex = branches.findIndex(({ kind }) => kind === 'null');
  const field: Field = { name, type: columnType, nullable: nullIndex >= 0, ...(unit === undefined ? {} : { unit }) };
  return { field, scalar, union: type.kind === 'union' ? { scalar: branches.indexOf(scalar), null: nullIndex } : null };
}

function columnTypeOf(type: AvroType): FieldType | null {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'int':
      return 'integer';
    case 'long':
      return type.logicalType === 'timestamp-millis' || type.logicalType === 'timestamp-micros' ? 'time' : 'integer';
    case 'float':
    case 'double':
      return 'number';
    case 'string':
    case 'enum':
      return 'string';
    case 'bytes':
    case 'fixed':
      return 'bytes';
    default:
      return null;
  }
}
