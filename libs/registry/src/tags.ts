import { messageOf } from '@penstock/kernel';
import { nestingOf, type SchemaFormat } from '@penstock/schema';
import { invalidSchema, noVerdict } from './problems.ts';
import { type Node, type Place, placesIn } from './tagged-places.ts';

/** Tags that stand in the text of a schema, at a record or a field of it. */
export interface SchemaTags {
  readonly schemaEntity: { readonly entityPath: string; readonly entityType: Place['type'] };
  readonly tags: readonly string[];
}

export interface TagChange {
  readonly add: readonly SchemaTags[];
  readonly remove: readonly SchemaTags[];
}

const property = 'confluent:tags';

/** The tags of a text, those of Avro and JSON Schema; a Protobuf text is not looked at. */
export function tagsIn(format: SchemaFormat, text: string): SchemaTags[] {
  if (format === 'PROTOBUF') return [];
  const places = [...placesIn(format, JSON.parse(text))].filter(({ isListed }) => isListed);
  return places.flatMap(({ path, type, node }) => {
    const tags = ownTags(node);
    return tags.length === 0 ? [] : [{ schemaEntity: { entityPath: path, entityType: type }, tags }];
  });
}

/**
 * The text with tags added, and others taken away after that. Throws `registry.invalid-schema` for a place that is not there, and
 * `registry.no-verdict` for Protobuf, whose texts this build does not write into.
 */
export function changeTags(format: SchemaFormat, text: string, { add, remove }: TagChange): string {
  if (add.length === 0 && remove.length === 0) return text;
  if (format === 'PROTOBUF') throw noVerdict('tags are not written into Protobuf texts: register a version that has them');
  const json = readText(text);
  const places = new Places(placesIn(format, json));
  for (const { schemaEntity, tags } of add) {
    const node = places.find(schemaEntity);
    setTags(node, [...new Set([...ownTags(node), ...tags])]);
  }
  for (const { schemaEntity, tags } of remove) {
    const node = places.find(schemaEntity);
    setTags(
      node,
      ownTags(node).filter((tag) => !tags.includes(tag)),
    );
  }
  return JSON.stringify(json);
}

/** The places of one text: many tags may be put in at once. */
class Places {
  readonly #byPath = new Map<string, Node>();

  /** The first of a path counts, and after those in full one without its namespace. */
  constructor(places: Iterable<Place>) {
    const short = new Map<string, Node>();
    for (const { path, type, node } of places) {
      addFirst(this.#byPath, `${type} ${path}`, node);
      const parts = path.split('.').slice(type === 'sr_record' ? -1 : -2);
      if (!path.startsWith('object')) addFirst(short, `${type} ${parts.join('.')}`, node);
    }
    for (const [path, node] of short) addFirst(this.#byPath, path, node);
  }

  find({ entityPath, entityType }: SchemaTags['schemaEntity']): Node {
    const found = this.#byPath.get(`${entityType} ${entityPath.replace(/^\./, '')}`);
    if (found !== undefined) return found;
    throw invalidSchema(`No matching path '${entityPath.slice(0, 200)}' found in the schema`);
  }
}

function addFirst(nodes: Map<string, Node>, path: string, node: Node): void {
  if (!nodes.has(path)) nodes.set(path, node);
}

const depthMax = 400;

/** Tags are put in before anything else is made of the text. */
function readText(text: string): unknown {
  try {
    if (nestingOf(text) <= depthMax) return parseExactly(text);
  } catch (cause) {
    throw invalidSchema(`tags cannot be put into what is not JSON: ${messageOf(cause)}`, { cause });
  }
  throw invalidSchema(`tags cannot be put into a schema that is nested deeper than ${depthMax}`);
}

function ownTags(node: Node): string[] {
  const tags = node[property];
  return Array.isArray(tags) ? tags.map(String) : [];
}

function setTags(node: Node, tags: readonly string[]): void {
  if (tags.length === 0) delete node[property];
  else node[property] = tags;
}

/** Numbers keep the digits that they were written with. */
function parseExactly(text: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown };
  const revive = (_name: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && source !== undefined ? rawJSON(source) : value;
  return JSON.parse(text, revive as (this: unknown, key: string, value: unknown) => unknown);
}
