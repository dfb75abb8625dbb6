import { withSortedKeys } from '../ordered-json.ts';
import { namedKinds, primitives, qualified } from './names.ts';

type Json = Readonly<Record<string, unknown>>;

const leading = [
  'type',
  'name',
  'namespace',
  'doc',
  'fields',
  'symbols',
  'items',
  'values',
  'size',
  'default',
  'order',
  'aliases',
  'logicalType',
];
const isLeading: ReadonlySet<string> = new Set(leading);
/** Attributes that hold schemas. */
const schemas: ReadonlySet<string> = new Set(['type', 'fields', 'items', 'values']);

/** Full names that were declared so far, in the order of the text. */
type Declared = Set<string>;

interface Scope {
  readonly namespace: string;
  readonly declared: Declared;
}

/**
 * One text for all spellings of the same schema: no blanks, full names, attributes in one order. Unlike Avro's parsing canonical
 * form it keeps what readers may want: docs, defaults, aliases, logical types and attributes of the user's own.
 */
export function canonicalAvro(json: unknown): string {
  return JSON.stringify(canonicalType(json, { namespace: '', declared: new Set() }));
}

function canonicalType(json: unknown, scope: Scope): unknown {
  if (typeof json === 'string') return canonicalReference(json, scope);
  if (Array.isArray(json)) return json.map((branch) => canonicalType(branch, scope));
  return canonicalObject(json as Json, scope);
}

/** What is not known within the namespace may be known without one. */
function canonicalReference(name: string, { namespace, declared }: Scope): string {
  if (primitives.includes(name)) return name;
  const full = qualified(name, namespace);
  return declared.has(name) && !declared.has(full) ? name : full;
}

function canonicalObject(json: Json, scope: Scope): unknown {
  const { type } = json;
  if (Object.keys(json).length === 1) return canonicalType(type, scope);
  const changed = withoutDefaults(json);
  const inside = namedKinds.includes(type) ? { ...scope, namespace: name(json, changed, scope) } : scope;
  if ('items' in json) changed['items'] = canonicalType(json['items'], inside);
  if ('values' in json) changed['values'] = canonicalType(json['values'], inside);
  if (Array.isArray(json['fields'])) changed['fields'] = json['fields'].map((field: Json) => canonicalField(field, inside));
  if (typeof type === 'object') changed['type'] = canonicalType(type, inside);
  return ordered(changed);
}

function canonicalField(field: Json, scope: Scope): unknown {
  return ordered({ ...withoutDefaults(field), type: canonicalType(field['type'], scope) });
}

/** Attributes that say what holds without them go; the keys of values that are no schema have one order. */
function withoutDefaults(json: Json): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(json))
    if (!isDefault(key, value)) kept.push([key, schemas.has(key) ? value : withSortedKeys(value)]);
  return Object.fromEntries(kept);
}

function isDefault(key: string, value: unknown): boolean {
  if (key === 'order') return value === 'ascending';
  return key === 'aliases' && Array.isArray(value) && value.length === 0;
}

/** Sets the full name and the aliases' full names; answers the namespace of what is inside. */
function name(json: Json, changed: Record<string, unknown>, outer: Scope): string {
  const full = qualified(String(json['name']), typeof json['namespace'] === 'string' ? json['namespace'] : outer.namespace);
  const namespace = full.slice(0, Math.max(0, full.lastIndexOf('.')));
  outer.declared.add(full);
  changed['name'] = full;
  if (namespace === '' && outer.namespace !== '') changed['namespace'] = '';
  else delete changed['namespace'];
  if (Array.isArray(changed['aliases']))
    changed['aliases'] = changed['aliases'].map((alias) => qualified(String(alias), namespace));
  return namespace;
}

function ordered(json: Json): Json {
  const keys = Object.keys(json);
  const others = keys.filter((key) => !isLeading.has(key)).sort();
  const inOrder = leading.filter((key) => Object.hasOwn(json, key)).concat(others);
  return Object.fromEntries(inOrder.map((key) => [key, json[key]]));
}
