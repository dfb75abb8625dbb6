import { boundOf, finiteValues, type Part, partsOf, typesOf } from './facts.ts';
import type { JsonNode } from './node.ts';
import { propertyNodes, requiredNames } from './objects.ts';

const depthMax = 16;

/** True when it is certain that no instance obeys both. False says nothing. */
export function areDisjoint(left: readonly JsonNode[], right: readonly JsonNode[], depth = 0): boolean {
  const [one, other] = [partsOf(left), partsOf(right)];
  if (one === null || other === null) return true;
  if (depth > depthMax) return false;
  const common = [...typesOf(one)].filter((type) => typesOf(other).has(type));
  if (common.length === 0) return true;
  if (excludes(one, right) || excludes(other, left)) return true;
  return common.every((type) => {
    if (type === 'object') return disjointObjects(one, other, depth);
    return (type === 'integer' || type === 'fraction') && disjointRanges(one, other);
  });
}

/** True when all values of the one are known, and none is valid under the other. */
function excludes(parts: readonly Part[], others: readonly JsonNode[]): boolean {
  const values = finiteValues(parts);
  return values?.every((value) => others.some((node) => !node.texts.validates(node, value))) ?? false;
}

/** A property that must be there and cannot have a value that suits both. */
function disjointObjects(one: readonly Part[], other: readonly Part[], depth: number): boolean {
  const required = new Set([...requiredNames(one), ...requiredNames(other)]);
  return [...required].some((name) => areDisjoint(propertyNodes(one, name), propertyNodes(other, name), depth + 1));
}

function disjointRanges(one: readonly Part[], other: readonly Part[]): boolean {
  return isBelow(one, other) || isBelow(other, one);
}

function isBelow(lower: readonly Part[], upper: readonly Part[]): boolean {
  const [top, bottom] = [boundOf(lower, 'maximum'), boundOf(upper, 'minimum')];
  if (top === null || bottom === null) return false;
  return top.value < bottom.value || (top.value === bottom.value && (top.exclusive || bottom.exclusive));
}
