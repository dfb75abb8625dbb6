import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import { aspectsOf, type OutlineEntry, stepInto } from './outline-entry.ts';

type Json = Readonly<Record<string, unknown>>;

/** The properties of a JSON Schema with all that is said of each, through items, choices and references within the text. */
export function outlineJson({ json }: JsonSchema): OutlineEntry[] {
  const outlining: Outlining = { root: json, entries: [], seen: new Set() };
  outlineNode({ json, pointer: '', path: '', required: false }, outlining);
  return outlining.entries;
}

interface Outlining {
  readonly root: unknown;
  readonly entries: OutlineEntry[];
  /** Places that are listed already: each is once, so recursion ends. */
  readonly seen: Set<string>;
}

interface Node {
  readonly json: unknown;
  readonly pointer: string;
  readonly path: string;
  readonly required: boolean;
}

function outlineNode(node: Node, outlining: Outlining): void {
  const { pointer, path, required } = node;
  const target = followed(node, outlining.root);
  const aspects = isObject(node.json) ? new Map([...aspectsIn(target.json), ...ownAspects(node.json)]) : aspectsIn(node.json);
  outlining.entries.push({ key: pointer, path, order: null, aliases: [], aspects: required ? withRequired(aspects) : aspects });
  if (outlining.seen.has(target.pointer) || !isObject(target.json)) return;
  outlining.seen.add(target.pointer);
  for (const child of childrenOf({ ...target, path })) outlineNode(child, outlining);
}

function withRequired(aspects: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [first, ...rest] = aspects;
  return new Map([...(first === undefined ? [] : [first]), ['required', 'yes'], ...rest]);
}

/** What a node's `$ref` within the text leads to, else the node itself. */
function followed({ json, pointer }: Node, root: unknown): { readonly json: unknown; readonly pointer: string } {
  const passed = new Set<string>();
  let at = { json, pointer };
  while (isObject(at.json) && typeof at.json['$ref'] === 'string' && at.json['$ref'].startsWith('#')) {
    const target = decodeURIComponent(at.json['$ref'].slice(1));
    const found = valueAt(root, target);
    if (passed.has(target) || found === undefined) break;
    passed.add(target);
    at = { json: found, pointer: target };
  }
  return at;
}

function valueAt(root: unknown, pointer: string): unknown {
  let at = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

const branching = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;
const single = ['not', 'if', 'then', 'else', 'contains', 'propertyNames'] as const;

function childrenOf({ json, pointer, path }: Omit<Node, 'required'>): Node[] {
  if (!isObject(json)) return [];
  const required = new Set(Array.isArray(json['required']) ? json['required'] : []);
  const child = (step: string, at: string, found: unknown): Node[] =>
    found === undefined ? [] : [{ json: found, pointer: pointer + at, path: stepInto(path, step), required: false }];
  const { items, additionalProperties } = json;
  return [
    ...entriesOf(json['properties']).flatMap(([name, found]) =>
      child(name, `/properties/${escaped(name)}`, found).map((node) => ({ ...node, required: required.has(name) })),
    ),
    ...entriesOf(json['patternProperties']).flatMap(([name, found]) =>
      child(`{${name}}`, `/patternProperties/${escaped(name)}`, found),
    ),
    ...(isObject(additionalProperties) ? child('{}', '/additionalProperties', additionalProperties) : []),
    ...(Array.isArray(items)
      ? items.flatMap((found, index) => child(`[${index}]`, `/items/${index}`, found))
      : child('[]', '/items', items)),
    ...branching.flatMap((keyword) =>
      entriesOf(json[keyword]).flatMap(([index, found]) =>
        child(keyword === 'prefixItems' ? `[${index}]` : `(${keyword} ${Number(index) + 1})`, `/${keyword}/${index}`, found),
      ),
    ),
    ...single.flatMap((keyword) => child(`(${keyword})`, `/${keyword}`, json[keyword])),
  ];
}

/** Of an object or a list. */
function entriesOf(json: unknown): [string, unknown][] {
  return typeof json === 'object' && json !== null ? Object.entries(json) : [];
}

const structure: readonly string[] = [
  ...['$schema', '$id', 'id', '$ref', '$defs', 'definitions', '$comment', 'required', 'type', 'format', 'description'],
  ...['properties', 'patternProperties', 'items', 'default', ...branching, ...single],
];

/** What a schema says of itself, beside what it says of its parts. */
function aspectsIn(json: unknown): ReadonlyMap<string, string> {
  if (!isObject(json)) return aspectsOf({ type: json === false ? 'nothing' : 'anything' });
  return new Map([['type', typeText(json)], ...ownAspects(json)]);
}

function ownAspects(json: Json): ReadonlyMap<string, string> {
  const bounds = Object.entries(json).filter(([name, value]) => !structure.includes(name) && !isPart(name, value));
  return aspectsOf({
    default: 'default' in json ? JSON.stringify(json['default']) : undefined,
    ...Object.fromEntries(bounds.map(([name, value]) => [name, JSON.stringify(value)])),
    doc: typeof json['description'] === 'string' ? json['description'] : undefined,
  });
}

function isPart(name: string, value: unknown): boolean {
  return name === 'additionalProperties' && isObject(value);
}

function typeText(json: Json): string {
  const { type, format, $ref } = json;
  const types = [type].flat().filter((each) => typeof each === 'string');
  const named = typeof $ref === 'string' ? $ref : branching.find((keyword) => json[keyword] !== undefined);
  const text = types.length > 0 ? types.join(' | ') : (named ?? ('enum' in json || 'const' in json ? 'value' : 'anything'));
  return typeof format === 'string' ? `${text} (${format})` : text;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
