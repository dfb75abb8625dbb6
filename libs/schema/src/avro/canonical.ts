type Json = Readonly<Record<string, unknown>>;

const leading = [
  'type',
  'name',
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
const namedKinds: readonly unknown[] = ['record', 'error', 'enum', 'fixed'];
const primitives: readonly string[] = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

/**
 * One text for all spellings of the same schema: no blanks, full names, attributes in one order. Unlike Avro's parsing canonical
 * form it keeps what readers may want: docs, defaults, aliases, logical types and attributes of the user's own.
 */
export function canonicalAvro(json: unknown): string {
  return JSON.stringify(canonicalType(json, ''));
}

function canonicalType(json: unknown, namespace: string): unknown {
  if (typeof json === 'string') return primitives.includes(json) ? json : qualified(json, namespace);
  if (Array.isArray(json)) return json.map((branch) => canonicalType(branch, namespace));
  return canonicalObject(json as Json, namespace);
}

function canonicalObject(json: Json, namespace: string): unknown {
  const { type } = json;
  if (Object.keys(json).length === 1) return canonicalType(type, namespace);
  const changed: Record<string, unknown> = { ...json };
  const inside = namedKinds.includes(type) ? name(json, changed, namespace) : namespace;
  if ('items' in json) changed['items'] = canonicalType(json['items'], inside);
  if ('values' in json) changed['values'] = canonicalType(json['values'], inside);
  if (Array.isArray(json['fields'])) changed['fields'] = json['fields'].map((field: Json) => canonicalField(field, inside));
  if (typeof type === 'object') changed['type'] = canonicalType(type, inside);
  return ordered(changed);
}

function canonicalField(field: Json, namespace: string): unknown {
  return ordered({ ...field, type: canonicalType(field['type'], namespace) });
}

/** Sets the full name and the aliases' full names; answers the namespace of what is inside. */
function name(json: Json, changed: Record<string, unknown>, outer: string): string {
  const full = qualified(String(json['name']), typeof json['namespace'] === 'string' ? json['namespace'] : outer);
  const namespace = full.slice(0, Math.max(0, full.lastIndexOf('.')));
  changed['name'] = full;
  delete changed['namespace'];
  if (Array.isArray(json['aliases'])) changed['aliases'] = json['aliases'].map((alias) => qualified(String(alias), namespace));
  return namespace;
}

function ordered(json: Json): Json {
  const rank = (key: string): number => (leading.includes(key) ? leading.indexOf(key) : leading.length);
  const keys = Object.keys(json).sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, json[key]]));
}

function qualified(given: string, namespace: string): string {
  return given.includes('.') || namespace === '' ? given : `${namespace}.${given}`;
}
