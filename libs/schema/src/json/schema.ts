import { type Field, type FieldType, messageOf, type Shape } from '@penstock/kernel';
import { minifiedJson } from '../minified-json.ts';
import { nestingOf, parseExactly, withSortedKeys } from '../ordered-json.ts';
import { invalidSchema } from '../problems.ts';
import type { SchemaSource } from '../schema-source.ts';
import { isObject } from './dialect.ts';
import { referredProperty } from './referred.ts';
import { createValidator, type Validator } from './validator.ts';

export interface JsonSchema {
  readonly format: 'JSON';
  readonly text: string;
  readonly canonical: string;
  readonly shape: Shape;
  readonly properties: readonly JsonProperty[];
  /** Judges what columns do not: ranges, patterns, nested objects. Null when checking the columns says it all. */
  readonly validator: Validator | null;
  /** The schema as it was parsed, and the texts that it refers to by name. */
  readonly json: unknown;
  readonly imports: ReadonlyMap<string, string>;
}

/** A property of the record, scalar or not. */
export interface JsonProperty {
  readonly name: string;
  readonly required: boolean;
  /** True where JSON's null is a value of it. */
  readonly allowsNull: boolean;
  /** Null where it is no column. */
  readonly field: Field | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Throws `schema.invalid-schema` or, for a dialect that is not known, `schema.not-supported`. */
export function parseJsonSchema({ text, imports = new Map() }: SchemaSource): JsonSchema {
  const json = parseJson(text);
  const validator = createValidator(json, imports);
  const properties = propertiesOf(json, imports);
  const fields = properties.flatMap(({ field }) => field ?? []);
  const name = isObject(json) && typeof json['title'] === 'string' ? json['title'] : 'record';
  return {
    format: 'JSON',
    text: minifiedJson(text),
    canonical: canonicalJson(parseExactly(text, json)),
    shape: { name, fields },
    properties,
    validator: saysItAll(json) ? null : validator,
    json,
    imports,
  };
}

export function canonicalJson(json: unknown): string {
  return JSON.stringify(withSortedKeys(json));
}

const depthMax = 200;

function parseJson(text: string): unknown {
  if (nestingOf(text) > depthMax) throw invalidSchema(`JSON Schema: nested deeper than ${depthMax}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidSchema(`JSON Schema: ${messageOf(cause)}`, { cause });
  }
}

function propertiesOf(json: unknown, imports: ReadonlyMap<string, string>): JsonProperty[] {
  if (!isObject(json) || !isObject(json['properties'])) return [];
  const required = Array.isArray(json['required']) ? json['required'] : [];
  return Object.entries(json['properties']).map(([name, property]) => {
    return propertyOf(name, referredProperty(property, json, imports), required.includes(name));
  });
}

function propertyOf(name: string, json: unknown, required: boolean): JsonProperty {
  const types = isObject(json) ? [json['type']].flat() : [];
  const allowsNull = types.includes('null');
  const scalars = types.filter((type) => type !== 'null');
  const type = isObject(json) && scalars.length === 1 ? columnType(scalars[0], json) : null;
  if (type === null || !isObject(json)) return { name, required, allowsNull, field: null };
  const unit = typeof json['unit'] === 'string' ? { unit: json['unit'] } : {};
  return { name, required, allowsNull, field: { name, type, nullable: allowsNull || !required, ...unit } };
}

function columnType(type: unknown, json: Json): FieldType | null {
  if (type === 'number' || type === 'integer' || type === 'boolean') return type;
  if (type !== 'string') return null;
  if (json['format'] === 'date-time') return 'time';
  return json['contentEncoding'] === 'base64' ? 'bytes' : 'string';
}

const plainRoot = [
  '$schema',
  '$id',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$comment',
  'examples',
];
const plainProperty = ['type', 'title', 'description', 'format', 'contentEncoding', 'unit', '$comment', 'examples', 'default'];

/** True when types and presence of the columns are all that the schema demands. */
function saysItAll(json: unknown): boolean {
  if (!isObject(json) || json['type'] !== 'object' || json['additionalProperties'] === false) return false;
  if (isObject(json['additionalProperties']) || !Object.keys(json).every((key) => plainRoot.includes(key))) return false;
  const known = isObject(json['properties']) ? json['properties'] : {};
  if (Array.isArray(json['required']) && !json['required'].every((name) => Object.hasOwn(known, name))) return false;
  return Object.entries(known).every(([name, property]) => isPlain(name, property));
}

function isPlain(name: string, property: unknown): boolean {
  if (!isObject(property) || !Object.keys(property).every((key) => plainProperty.includes(key))) return false;
  return propertyOf(name, property, true).field !== null && (property['format'] ?? 'date-time') === 'date-time';
}
