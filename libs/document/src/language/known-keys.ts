import { documentJsonSchema, type JsonSchemaNode } from './json-schema.ts';

let language: JsonSchemaNode | null = null;

/** The keys that the language knows at a place; none where it takes any. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  language ??= documentJsonSchema();
  let node: JsonSchemaNode | undefined = language;
  for (const part of path) node = node === undefined ? undefined : step(node, part);
  return Object.keys(withProperties(node)?.properties ?? {});
}

function step(node: JsonSchemaNode, part: string | number): JsonSchemaNode | undefined {
  if (typeof part === 'number') return node.items ?? node.prefixItems?.[part];
  const mapping = withProperties(node);
  const known = mapping?.properties?.[part];
  if (known !== undefined) return known;
  const { additionalProperties } = mapping ?? node;
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Of alternatives (such as an object or null) the one that is a mapping. */
function withProperties(node: JsonSchemaNode | undefined): JsonSchemaNode | undefined {
  if (node?.properties !== undefined) return node;
  return node?.anyOf?.find(({ properties }) => properties !== undefined) ?? node;
}
