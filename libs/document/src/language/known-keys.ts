import { documentJsonSchema, type JsonSchemaNode } from './json-schema.ts';

type Path = readonly (string | number)[];

let language: JsonSchemaNode | null = null;

/** The keys that the language knows at a place; none where it takes any. */
export function keysAt(path: Path): readonly string[] {
  return Object.keys(withProperties(nodeAt(path))?.properties ?? {});
}

/** What stands at a place, in the words of the language; null where it has none. */
export function descriptionAt(path: Path): string | null {
  return nodeAt(path)?.description ?? null;
}

function nodeAt(path: Path): JsonSchemaNode | undefined {
  language ??= documentJsonSchema();
  let node: JsonSchemaNode | undefined = language;
  for (const part of path) node = node === undefined ? undefined : step(node, part);
  return node;
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
