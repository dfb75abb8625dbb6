import { messageOf } from '@penstock/kernel';
import { namedKinds, primitives, qualified } from './avro/names.ts';
import { isObject } from './json/dialect.ts';
import { nestingOf } from './ordered-json.ts';
import { invalidSchema } from './problems.ts';
import { builtInNames } from './protobuf/built-in-files.ts';
import { parseProtoFile } from './protobuf/parse-file.ts';
import type { SchemaSource } from './schema-source.ts';

/**
 * The names by which a schema's text refers to others: imports of Protobuf but for those that need no reference, full names of types
 * of Avro, and what stands before the `#` of `$ref` in JSON Schema. Throws `schema.invalid-schema`.
 */
export function referredNames({ format, text }: Pick<SchemaSource, 'format' | 'text'>): readonly string[] {
  if (format === 'PROTOBUF') return importsIn(text);
  const json = parseJson(text);
  const found: Found = { named: new Set(), own: new Set() };
  if (format === 'AVRO') namesInAvro(json, '', found);
  else refsIn(json, found);
  return [...found.named].filter((name) => !found.own.has(name));
}

interface Found {
  readonly named: Set<string>;
  /** What the text says itself. */
  readonly own: Set<string>;
}

type Json = Readonly<Record<string, unknown>>;

const depthMax = 400;

function parseJson(text: string): unknown {
  if (nestingOf(text) > depthMax) throw invalidSchema(`a schema that is nested deeper than ${depthMax}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidSchema(messageOf(cause), { cause });
  }
}

function importsIn(text: string): string[] {
  const { dependency } = parseProtoFile(text, 'schema.proto');
  return [...new Set(dependency)].filter((name) => !builtInNames.includes(name));
}

const innerKinds: readonly unknown[] = [...namedKinds, 'array', 'map'];

/** What stands where a type is expected. */
function namesInAvro(type: unknown, namespace: string, found: Found): void {
  if (typeof type === 'string') {
    if (!primitives.includes(type)) found.named.add(qualified(type, namespace));
  } else if (Array.isArray(type)) {
    for (const branch of type) namesInAvro(branch, namespace, found);
  } else if (isObject(type)) namesInComplex(type, namespace, found);
}

function namesInComplex(json: Json, outer: string, found: Found): void {
  const { type, name, fields, items, values } = json;
  const isNamed = namedKinds.includes(type) && typeof name === 'string';
  const given = typeof json['namespace'] === 'string' ? json['namespace'] : outer;
  const full = isNamed ? qualified(name, given) : '';
  const namespace = isNamed ? full.slice(0, Math.max(0, full.lastIndexOf('.'))) : outer;
  if (isNamed) found.own.add(full);
  if (!innerKinds.includes(type)) namesInAvro(type, namespace, found);
  for (const inner of [items, values]) if (inner !== undefined) namesInAvro(inner, namespace, found);
  if (!Array.isArray(fields)) return;
  for (const field of fields) if (isObject(field)) namesInAvro(field['type'], namespace, found);
}

/** Keywords whose values are no schemas. */
const instances: readonly string[] = ['enum', 'const', 'default', 'examples'];

function refsIn(json: unknown, found: Found): void {
  if (Array.isArray(json)) for (const each of json) refsIn(each, found);
  if (!isObject(json)) return;
  for (const [key, value] of Object.entries(json)) {
    const base = typeof value === 'string' ? (value.split('#')[0] ?? '') : '';
    if (key === '$ref' && base !== '') found.named.add(base);
    else if ((key === '$id' || key === 'id') && base !== '') found.own.add(base);
    else if (!instances.includes(key)) refsIn(value, found);
  }
}
