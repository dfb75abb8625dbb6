import { isObject } from '../../json/dialect.ts';
import type { Part } from './facts.ts';
import { below, evaluatesAlone, type JsonNode } from './node.ts';
import { matches } from './pattern.ts';

/** Names under `properties` in any part. */
export function namedProperties(parts: readonly Part[]): Set<string> {
  return new Set(parts.flatMap(({ json }) => (isObject(json['properties']) ? Object.keys(json['properties']) : [])));
}

export function patternsOf(parts: readonly Part[]): Set<string> {
  return new Set(
    parts.flatMap(({ json }) => (isObject(json['patternProperties']) ? Object.keys(json['patternProperties']) : [])),
  );
}

/** Every schema that the value of a property must obey. */
export function propertyNodes(parts: readonly Part[], name: string): JsonNode[] {
  return parts.flatMap(({ node, json }) => {
    const own = isObject(json['properties']) && Object.hasOwn(json['properties'], name) ? [below(node, 'properties', name)] : [];
    const matching = Object.keys(isObject(json['patternProperties']) ? json['patternProperties'] : {})
      .filter((pattern) => matches(pattern, name))
      .map((pattern) => below(node, 'patternProperties', pattern));
    const found = [...own, ...matching];
    return found.length > 0 ? found : additionalNodes({ node, json });
  });
}

/** What a part says of properties that it does not name. */
export function additionalNodes({ node, json }: Part): JsonNode[] {
  if (json['additionalProperties'] !== undefined) return [below(node, 'additionalProperties')];
  return evaluatesAlone(node, 'unevaluatedProperties') ? [below(node, 'unevaluatedProperties')] : [];
}

/** True for properties that no part says anything of. */
export function isOpen(parts: readonly Part[], name: string): boolean {
  return propertyNodes(parts, name).every(
    ({ json }) => json === true || (typeof json === 'object' && Object.keys(json).length === 0),
  );
}

/** How many properties there can be at most, where all of them are named. */
export function closedCount(parts: readonly Part[]): number {
  const counts = parts.map((part) => {
    const closed = additionalNodes(part).some(({ json }) => json === false) && patternsOf([part]).size === 0;
    return closed ? namedProperties([part]).size : Number.POSITIVE_INFINITY;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...counts);
}

export function patternNodes(parts: readonly Part[], pattern: string): JsonNode[] {
  return parts.flatMap(({ node, json }) => {
    const has = isObject(json['patternProperties']) && Object.hasOwn(json['patternProperties'], pattern);
    return has ? [below(node, 'patternProperties', pattern)] : [];
  });
}

export function requiredNames(parts: readonly Part[]): Set<string> {
  return new Set(parts.flatMap(({ json }) => (Array.isArray(json['required']) ? (json['required'] as string[]) : [])));
}
