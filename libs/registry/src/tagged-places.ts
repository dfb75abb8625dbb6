import type { SchemaFormat } from '@penstock/schema';

/** A record or a field of a schema's text that may carry tags. */
export interface Place {
  /** As Confluent's registry names it: `ns.Record.field` in Avro, `object.field.object.inner` in JSON Schema. */
  readonly path: string;
  readonly type: 'sr_record' | 'sr_field';
  readonly node: Node;
  /** A JSON object that is a field has the field's tags: as a record it is not listed. */
  readonly isListed: boolean;
}

export type Node = Record<string, unknown>;

/** The places of a parsed text. What stands below `oneOf` and its like in JSON Schema has no path that would stay, and is left out. */
export function placesIn(format: SchemaFormat, json: unknown): Iterable<Place> {
  return format === 'AVRO' ? avroPlaces(json, '') : jsonPlaces(json, '', false);
}

function* avroPlaces(node: unknown, around: string): Iterable<Place> {
  if (Array.isArray(node)) for (const each of node) yield* avroPlaces(each, around);
  if (!isNode(node)) return;
  const { type, name, namespace, fields } = node;
  if (type !== 'record' && type !== 'error') {
    for (const part of [type, node['items'], node['values']]) yield* avroPlaces(part, around);
    return;
  }
  const own = typeof namespace === 'string' ? namespace : around;
  const path = String(name).includes('.') || own === '' ? String(name) : `${own}.${String(name)}`;
  yield { path, type: 'sr_record', node, isListed: true };
  for (const field of Array.isArray(fields) ? fields.filter(isNode) : []) {
    yield { path: `${path}.${String(field['name'])}`, type: 'sr_field', node: field, isListed: true };
    yield* avroPlaces(field['type'], path.slice(0, Math.max(0, path.lastIndexOf('.'))));
  }
}

function* jsonPlaces(node: unknown, scope: string, isField: boolean): Iterable<Place> {
  if (!isNode(node)) return;
  yield* jsonPlaces(node['items'], `${scope}array.`, false);
  const { properties } = node;
  if (!isNode(properties) && node['type'] !== 'object') return;
  const path = `${scope}object`;
  yield { path, type: 'sr_record', node, isListed: !isField };
  for (const [name, property] of entriesOf(properties)) {
    yield { path: `${path}.${name}`, type: 'sr_field', node: property, isListed: true };
    yield* jsonPlaces(property, `${path}.${name}.`, true);
  }
  for (const shared of ['definitions', '$defs'])
    for (const [name, definition] of entriesOf(node[shared])) yield* jsonPlaces(definition, `${path}.${shared}.${name}.`, false);
}

/** Those that are objects: `true` carries no tags. */
function entriesOf(given: unknown): [string, Node][] {
  const entries = isNode(given) ? Object.entries(given) : [];
  return entries.flatMap(([name, value]) => (isNode(value) ? [[name, value] as [string, Node]] : []));
}

function isNode(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
