import { below, type JsonNode, textsOf } from '../compatibility/json/node.ts';
import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import type { Schema } from '../schema.ts';
import { inlineTagsOf } from './avro-sites.ts';
import { rulesAt } from './contract.ts';
import { isMeant } from './field-rule.ts';
import { pathTagsOf } from './field-tags.ts';
import { metaTags } from './protobuf-sites.ts';

/** The columns of a schema that its rules encrypt by their tags, as far as that can be said without a record. */
export function encryptedFields(schema: Schema): readonly string[] {
  const { contract } = schema;
  const rules = contract === undefined ? [] : [...rulesAt('WRITE', contract), ...rulesAt('READ', contract)];
  const encrypting = rules.filter(({ type }) => type === 'ENCRYPT');
  if (encrypting.length === 0) return [];
  const tagsOf = openTags(schema);
  const names = schema.shape.fields.map(({ name }) => name);
  return names.filter((name) => encrypting.some((rule) => isMeant(rule, tagsOf(name))));
}

type TagsOfColumn = (name: string) => readonly string[];

function openTags(schema: Schema): TagsOfColumn {
  const tagsAt = pathTagsOf(schema);
  const { name: record } = schema.shape;
  if (schema.format === 'JSON') return (name) => [...tagsAt(`$.${name}`), ...jsonTags(schema, name)];
  if (schema.format === 'AVRO') {
    const inline = inlineTagsOf(schema.type);
    return (name) => [...tagsAt(`${record}.${name}`), ...(inline.get(`${record}.${name}`) ?? [])];
  }
  return (name) => {
    const field = schema.message.fields.find(({ jsonName }) => jsonName === name);
    return field === undefined ? [] : [...tagsAt(`${record}.${field.name}`), ...metaTags(field)];
  };
}

/** Of each schema that may apply to a property of the record. */
function jsonTags(schema: JsonSchema, name: string): string[] {
  const outer = beside(textsOf(schema).root);
  const inner = outer.flatMap((node) =>
    isObject(node.json) && isObject(node.json['properties']) && Object.hasOwn(node.json['properties'], name)
      ? beside(below(node, 'properties', name))
      : [],
  );
  return inner.flatMap(({ json }) => {
    const tags = isObject(json) ? json['confluent:tags'] : undefined;
    return Array.isArray(tags) ? tags.map(String) : [];
  });
}

/** A schema and those that may apply where it does. */
function beside(node: JsonNode, seen = new Set<JsonNode>()): JsonNode[] {
  const { json } = node;
  if (typeof json === 'boolean' || seen.has(node)) return [];
  seen.add(node);
  const nodes = ['if', 'then', 'else'].flatMap((keyword) => (json[keyword] === undefined ? [] : [below(node, keyword)]));
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = json[keyword];
    if (Array.isArray(list)) nodes.push(...list.map((_, index) => below(node, keyword, index)));
  }
  if (typeof json['$ref'] === 'string') nodes.push(node.texts.resolve(node, json['$ref']));
  return [node, ...nodes.flatMap((each) => beside(each, seen))];
}
