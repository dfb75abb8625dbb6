import { isObject } from './dialect.ts';

/** Longer chains are circles. */
const stepsMax = 16;

/**
 * The schema that a property is said to be elsewhere, by a pointer into its own text or into one that it imports; the property itself
 * where it says more than where to look, or leads nowhere: then it is judged, and no column.
 */
export function referredProperty(property: unknown, root: unknown, imports: ReadonlyMap<string, string>): unknown {
  let at = { schema: property, root };
  for (let step = 0; step < stepsMax; step += 1) {
    if (!isObject(at.schema) || typeof at.schema['$ref'] !== 'string' || !onlyRefers(at.schema)) return at.schema;
    const next = follow(at.schema['$ref'], at.root, imports);
    if (next === null) return property;
    at = next;
  }
  return property;
}

const beside: readonly string[] = ['$ref', 'title', 'description', '$comment', 'unit'];

/** Nothing but what does not matter to a value. */
function onlyRefers(schema: object): boolean {
  return Object.keys(schema).every((key) => beside.includes(key));
}

function follow(ref: string, root: unknown, imports: ReadonlyMap<string, string>): { schema: unknown; root: unknown } | null {
  const [base = '', fragment = ''] = ref.split('#');
  const text = imports.get(base);
  if (base !== '' && text === undefined) return null;
  const target = text === undefined ? root : parsed(base, text, imports);
  const path = fragment.split('/').slice(1).map(decodePart);
  if (fragment !== '' && !fragment.startsWith('/')) return null;
  let schema = target;
  for (const part of path) schema = isObject(schema) && Object.hasOwn(schema, part) ? schema[part] : undefined;
  return schema === undefined ? null : { schema, root: target };
}

const known = new WeakMap<ReadonlyMap<string, string>, Map<string, unknown>>();

/** Once, however many properties refer to it. */
function parsed(name: string, text: string, imports: ReadonlyMap<string, string>): unknown {
  const of = known.get(imports) ?? new Map<string, unknown>();
  known.set(imports, of);
  if (!of.has(name)) of.set(name, JSON.parse(text));
  return of.get(name);
}

function decodePart(part: string): string {
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
