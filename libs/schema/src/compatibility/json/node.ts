import { messageOf } from '@penstock/kernel';
import type { Ajv } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { heldBy } from '../../held-by.ts';
import { type Dialect, dialectOf, inDialect, isObject } from '../../json/dialect.ts';
import { importName } from '../../json/import-name.ts';
import { canonicalJson, type JsonSchema } from '../../json/schema.ts';
import { openSchemas, ownName } from '../../json/validator.ts';
import { notSupported } from '../../problems.ts';
import { linearPatterns } from './pattern.ts';

export type Json = Readonly<Record<string, unknown>>;

/** One schema within a text. The same place is the same node. */
export interface JsonNode {
  readonly id: number;
  readonly json: boolean | Json;
  /** A JSON pointer from the root of its text on. */
  readonly pointer: string;
  readonly texts: JsonTexts;
  readonly text: string;
}

let nodes = 0;
const listMax = 500;

const opened = Symbol('opened');

/** A schema is compared with many others: its nodes are made once. Throws `schema.not-supported`. */
export function textsOf(schema: JsonSchema): JsonTexts {
  return heldBy(schema, opened, () => new JsonTexts(schema));
}

/** A schema's text with those that it refers to. */
export class JsonTexts {
  readonly dialect: Dialect;
  readonly #roots = new Map<string, boolean | Json>();
  readonly #nodes = new Map<string, JsonNode>();
  readonly #schema: JsonSchema;
  /** Opened when the first value is to be judged. */
  #ajv: Ajv | null = null;
  /** What nodes say, by `wordsOf`. */
  readonly words = new Map<JsonNode, string | null>();
  readonly #validators = new Map<JsonNode, (value: unknown) => boolean>();
  /** True when other texts are referred to. */
  readonly refers: boolean;

  constructor(schema: JsonSchema) {
    const { json, imports } = schema;
    this.#schema = schema;
    this.dialect = dialectOf(json);
    this.refers = imports.size > 0;
    this.#roots.set(ownName, inDialect(json));
    for (const [name, text] of imports) this.#roots.set(name, inDialect(JSON.parse(text)));
    for (const root of this.#roots.values()) refuseNestedIds(root);
  }

  get root(): JsonNode {
    return this.node(ownName, '');
  }

  /** The schema at a pointer. Throws `schema.not-supported` where there is none. */
  node(text: string, pointer: string): JsonNode {
    const key = `${text}#${pointer}`;
    return this.#nodes.get(key) ?? this.#add({ key, text, pointer, json: valueAt(this.#roots.get(text), partsOf(pointer)) });
  }

  /** The schema at a path below another. */
  below({ json: outer, text, pointer: from }: JsonNode, path: readonly string[]): JsonNode {
    const pointer = from + path.map((part) => `/${escapePointer(part)}`).join('');
    const key = `${text}#${pointer}`;
    return this.#nodes.get(key) ?? this.#add({ key, text, pointer, json: valueAt(outer, path) });
  }

  #add({ key, text, pointer, json }: { key: string; text: string; pointer: string; json: unknown }): JsonNode {
    if (typeof json !== 'boolean' && !isObject(json)) throw notSupported(`JSON Schema: $ref ${key} leads to no schema`);
    nodes += 1;
    const node = { id: nodes, json, pointer, texts: this, text };
    this.#nodes.set(key, node);
    return node;
  }

  /** What `$ref` of a node leads to. Throws `schema.not-supported`. */
  resolve({ text }: JsonNode, ref: string): JsonNode {
    const hash = ref.indexOf('#');
    const [base, fragment] = hash < 0 ? [ref, ''] : [ref.slice(0, hash), ref.slice(hash + 1)];
    const target = base === '' ? text : this.#textNamed(base);
    if (fragment === '' || fragment.startsWith('/')) return this.node(target, decodeURIComponent(fragment));
    return this.node(target, anchorIn(this.#roots.get(target), fragment));
  }

  #textNamed(name: string): string {
    const own = this.#roots.get(ownName);
    for (const [text, root] of this.#roots) {
      const id = isObject(root) ? String(root['$id'] ?? '').replace(/#$/, '') : '';
      if (text === name || importName(text, own) === name || id === name || (id !== '' && id.endsWith(`/${name}`))) return text;
    }
    throw notSupported(`JSON Schema: $ref ${name} leads to none of the references`);
  }

  /** True when the value is valid under the node, by all of its keywords. */
  validates(node: JsonNode, value: unknown): boolean {
    if (typeof node.json === 'boolean') return node.json;
    const known = this.#validators.get(node) ?? this.#compile(node);
    this.#validators.set(node, known);
    return known(value);
  }

  #compile({ text, pointer, json }: JsonNode): (value: unknown) => boolean {
    if (typeof json === 'object' && Array.isArray(json['enum']) && json['enum'].length > listMax) return this.#compileList(json);
    const $ref = `${text}#${encodeURI(pointer)}`;
    const refuse = (cause: unknown): Error =>
      notSupported(`JSON Schema: ${$ref} cannot be judged by itself: ${messageOf(cause)}`, { cause });
    try {
      const validate = this.#open().compile({ $ref });
      return (value) => {
        try {
          return validate(value) === true;
        } catch (cause) {
          throw refuse(cause); // what ajv compiled may trip
        }
      };
    } catch (cause) {
      throw refuse(cause);
    }
  }

  /** ajv compares with each entry of a list, which many values times many entries make too many. */
  #compileList(json: Json): (value: unknown) => boolean {
    const beside = Object.keys(json).find((key) => !['enum', 'type', 'title', 'description', 'default'].includes(key));
    if (beside !== undefined) throw notSupported(`JSON Schema: ${beside} beside an enum of more than ${listMax} values`);
    const suits = this.#open().compile(json['type'] === undefined ? {} : { type: json['type'] });
    const list = (json['enum'] as unknown[]).filter((value) => suits(value));
    const known = new Set(list.map(canonicalJson));
    return (value) => known.has(canonicalJson(value));
  }

  /** True when ajv judges a format of this name; any other is an annotation. */
  knowsFormat(name: string): boolean {
    return Object.hasOwn(fullFormats, name);
  }

  #open(): Ajv {
    const { json, imports } = this.#schema;
    this.#ajv ??= openSchemas(json, imports, { code: { regExp: linearPatterns } });
    return this.#ajv;
  }
}

/** Equal for schemas that say the same in the same words; null for what its place gives a meaning to. */
export function wordsOf(node: JsonNode): string | null {
  const known = node.texts.words.get(node);
  if (known !== undefined) return known;
  const words = `${node.texts.dialect} ${canonicalJson(node.json)}`;
  const result = /"\$(ref|recursiveRef|dynamicRef)"/.test(words) ? null : words;
  node.texts.words.set(node, result);
  return result;
}

/** Where a node stands, for people. */
export function pathOf({ text, pointer }: JsonNode, ...below: readonly string[]): string {
  const inside = pointer + below.map((part) => `/${escapePointer(part)}`).join('');
  return text === ownName ? inside || '/' : `${text}#${inside}`;
}

/** The schema of a keyword, or of an entry in it. */
export function below(node: JsonNode, ...path: readonly (string | number)[]): JsonNode {
  return node.texts.below(node, path.map(String));
}

const applicators = [
  ...['$ref', '$recursiveRef', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if'],
  ...['dependencies', 'dependentSchemas', 'contains'],
];

/** True where `unevaluated…` is there and sees what the schema itself says, and nothing else: then it is `additional…`. */
export function evaluatesAlone({ json, texts }: JsonNode, keyword: 'unevaluatedProperties' | 'unevaluatedItems'): boolean {
  if (typeof json === 'boolean' || json[keyword] === undefined || texts.dialect === 'draft-07') return false;
  return applicators.every((name) => json[name] === undefined);
}

export function escapePointer(part: string): string {
  return /[~/]/.test(part) ? part.replaceAll('~', '~0').replaceAll('/', '~1') : part;
}

function partsOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let at = root;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function anchorIn(root: unknown, name: string): string {
  const found = findPointer(root, '', (json) => json['$anchor'] === name || json['$id'] === `#${name}`);
  if (found === null) throw notSupported(`JSON Schema: there is no anchor #${name}`);
  return found;
}

/** An `$id` within a text changes what references below it mean. */
function refuseNestedIds(root: unknown): void {
  const found = findPointer(root, '', (json) => json !== root && typeof json['$id'] === 'string' && !json['$id'].startsWith('#'));
  if (found !== null) throw notSupported(`JSON Schema: an $id within the schema (${found}) is not supported`);
}

function findPointer(json: unknown, pointer: string, matches: (json: Json) => boolean): string | null {
  if (isObject(json) && matches(json)) return pointer;
  if (typeof json !== 'object' || json === null) return null;
  for (const [key, value] of Object.entries(json)) {
    const found = findPointer(value, `${pointer}/${escapePointer(key)}`, matches);
    if (found !== null) return found;
  }
  return null;
}
