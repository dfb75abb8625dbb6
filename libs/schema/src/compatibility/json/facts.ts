import { notSupported } from '../../problems.ts';
import { below, type Json, type JsonNode, pathOf } from './node.ts';

/** A node whose keywords all hold: not a boolean, with `$ref` and `allOf` taken apart. */
export interface Part {
  readonly node: JsonNode;
  readonly json: Json;
}

/** What must hold all at once; null: nothing can. */
export type Parts = readonly Part[] | null;

export const instanceTypes = ['null', 'boolean', 'integer', 'fraction', 'string', 'array', 'object'] as const;
export type InstanceType = (typeof instanceTypes)[number];

const partsMax = 200;

/** Follows references and conjunctions. Throws `schema.not-supported` for what refers to itself and nothing else. */
export function partsOf(nodes: readonly JsonNode[]): Parts {
  const parts: Part[] = [];
  const seen = new Set<JsonNode>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (seen.size > partsMax) throw notSupported(`JSON Schema: more than ${partsMax} schemas in one`);
    const { json } = node;
    if (json === false) return null;
    if (json === true) continue;
    parts.push({ node, json });
    if (typeof json['$ref'] === 'string') waiting.push(node.texts.resolve(node, json['$ref']));
    if (json['$recursiveRef'] !== undefined) waiting.push(recursionOf(node));
    refuseUndecidable(node, json);
    for (const index of listOf(json['allOf']).keys()) waiting.push(below(node, 'allOf', index));
  }
  return parts;
}

/** What `$recursiveRef` leads to. */
export function recursionOf({ texts }: JsonNode): JsonNode {
  if (texts.refers) throw notSupported('JSON Schema: $recursiveRef beside references to other schemas is not supported');
  return texts.root;
}

/** What validators disagree about. Throws `schema.not-supported`. */
export function refuseUndecidable({ texts, ...node }: JsonNode, json: Json): void {
  if (json['$dynamicRef'] !== undefined) throw notSupported('JSON Schema: $dynamicRef is not supported');
  if (json['nullable'] !== undefined) throw notSupported('JSON Schema: nullable is OpenAPI; use "type": [..., "null"]');
  if (texts.dialect !== 'draft-07' || json['$ref'] === undefined) return;
  const beside = Object.keys(json).find((key) => !annotations.includes(key));
  if (beside === undefined) return;
  throw notSupported(`JSON Schema: ${pathOf({ texts, ...node })}: up to draft 7 ${beside} beside $ref means nothing; use allOf`);
}

/** Keywords that say nothing about what is valid, and the reference itself. */
const annotations: readonly string[] = [
  ...['$ref', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples'],
  ...['deprecated', 'readOnly', 'writeOnly', '$anchor'],
];

/** True for `$ref` alone. */
export function isReference(json: Json): boolean {
  return Object.keys(json).every((key) => annotations.includes(key));
}

export function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

/** The types that instances may have, by `type` alone. */
export function typesOf(parts: readonly Part[]): Set<InstanceType> {
  const types = new Set<InstanceType>(instanceTypes);
  for (const { json } of parts) {
    const named = json['type'] === undefined ? null : [json['type']].flat();
    if (named === null) continue;
    if (json['nullable'] === true) named.push('null'); // as OpenAPI says it, and the validator understands
    for (const type of instanceTypes) if (!allows(named, type)) types.delete(type);
  }
  return types;
}

function allows(named: readonly unknown[], type: InstanceType): boolean {
  if (named.includes(type)) return true;
  return (type === 'integer' || type === 'fraction') && named.includes('number');
}

/** All instances there can be, where these are few and named: by enum, by const, or null and the booleans. */
export function finiteValues(parts: readonly Part[]): readonly unknown[] | null {
  const listed = parts.flatMap(({ json }) => {
    if (Array.isArray(json['enum'])) return [json['enum'] as unknown[]];
    return 'const' in json ? [[json['const']]] : [];
  });
  const types = typesOf(parts);
  const [first] = listed;
  const values = first ?? ([...types].every((type) => type === 'null' || type === 'boolean') ? [null, true, false] : null);
  return values === null ? null : values.filter((value) => parts.every(({ node }) => node.texts.validates(node, value)));
}

/** The numbers that a keyword gives in all parts. */
export function numbersOf(parts: readonly Part[], keyword: string): number[] {
  return parts.flatMap(({ json }) => (typeof json[keyword] === 'number' ? [json[keyword]] : []));
}

export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** The tightest bound of numbers; of whole ones it belongs to the range. */
export function boundOf(parts: readonly Part[], side: 'minimum' | 'maximum'): Bound | null {
  const exclusiveName = side === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
  const bounds: Bound[] = [
    ...numbersOf(parts, side).map((value) => ({ value, exclusive: false })),
    ...numbersOf(parts, exclusiveName).map((value) => ({ value, exclusive: true })),
  ];
  const sign = side === 'minimum' ? 1 : -1;
  const tightest = bounds.sort(
    (left, right) => sign * (right.value - left.value) || Number(right.exclusive) - Number(left.exclusive),
  )[0];
  if (tightest === undefined || typesOf(parts).has('fraction')) return tightest ?? null;
  const whole = side === 'minimum' ? Math.ceil(tightest.value) : Math.floor(tightest.value);
  return { value: tightest.exclusive && whole === tightest.value ? whole + sign : whole, exclusive: false };
}
