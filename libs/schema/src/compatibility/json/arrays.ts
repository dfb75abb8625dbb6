import type { Part } from './facts.ts';
import { below, evaluatesAlone, type JsonNode } from './node.ts';

/** How many items have schemas of their own. */
export function tupleLength(parts: readonly Part[]): number {
  return Math.max(0, ...parts.map(({ node, json }) => tupleOf(node, json).length));
}

/** Every schema that the item at an index must obey. */
export function itemNodes(parts: readonly Part[], index: number): JsonNode[] {
  return parts.flatMap((part) => {
    const own = tupleOf(part.node, part.json)[index];
    return own === undefined ? restNodes(part) : [own];
  });
}

/** What items behind the tuple of a part must obey. */
export function restNodes({ node, json }: Part): JsonNode[] {
  if (json['items'] === undefined && evaluatesAlone(node, 'unevaluatedItems')) return [below(node, 'unevaluatedItems')];
  if (node.texts.dialect === '2020-12') return json['items'] === undefined ? [] : [below(node, 'items')];
  if (!Array.isArray(json['items'])) return json['items'] === undefined ? [] : [below(node, 'items')];
  return json['additionalItems'] === undefined ? [] : [below(node, 'additionalItems')];
}

function tupleOf(node: JsonNode, json: Part['json']): JsonNode[] {
  const keyword = node.texts.dialect === '2020-12' ? 'prefixItems' : 'items';
  const tuple = json[keyword];
  return Array.isArray(tuple) ? tuple.map((_, index) => below(node, keyword, index)) : [];
}
