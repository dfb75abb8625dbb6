import {
  guidOf,
  type Registry,
  resolveAvro,
  type SchemaContent,
  type SchemaTags,
  type StoredVersion,
  subjectIn,
  tagsIn,
} from '@penstock/registry';
import { parseSchema, serialiseProtobufSchema } from '@penstock/schema';

/** How a caller wants a schema to be shown. */
export interface Showing {
  /** As `format` in the query says it. */
  readonly format: string | undefined;
  /** With the fields that the first clients stumble over. */
  readonly full: boolean;
  /** With the places that carry one of these tags; `*` is any. */
  readonly tags?: readonly string[];
  /** References by names that say the context. */
  readonly qualified?: boolean;
}

/** A version as the REST API shows it; what says nothing is left out. */
export function versionAnswer(
  registry: Registry,
  { subject, version, content, deleted }: StoredVersion,
  showing: Showing,
): object {
  const answer = { subject, version, id: content.id, ...contentAnswer(registry, content, showing) };
  return showing.full ? { ...answer, deleted } : answer;
}

export function contentAnswer(
  registry: Registry,
  content: SchemaContent,
  { format, full, tags = [], qualified = false }: Showing,
): { readonly schema: string } {
  const { format: type, metadata, ruleSet, context } = content;
  const references = qualified
    ? content.references.map((each) => ({ ...each, subject: subjectIn(context, each.subject) }))
    : content.references;
  const found = tags.length === 0 ? [] : tagsIn(type, content.text).filter((each) => isWanted(each, tags));
  return {
    ...(full ? { guid: guidOf(content) } : {}),
    ...(type === 'AVRO' && !full ? {} : { schemaType: type }),
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
    ...(found.length === 0 ? {} : { schemaTags: found }),
    schema: textOf(registry, content, format),
  };
}

function isWanted({ tags }: SchemaTags, wanted: readonly string[]): boolean {
  return wanted.includes('*') || tags.some((tag) => wanted.includes(tag));
}

/** The text; with `format=serialized` what a Protobuf schema compiles to, with `format=resolved` Avro with all that it refers to. */
export function textOf(registry: Registry, content: SchemaContent, format: string | undefined): string {
  if (format === 'serialized' && content.format === 'PROTOBUF') return serialised(registry, content);
  if (format === 'resolved' && content.format === 'AVRO' && content.references.length > 0)
    return resolveAvro(content.text, registry.importsOf(content).values());
  return content.text;
}

function serialised(registry: Registry, content: SchemaContent): string {
  const schema = parseSchema({ format: 'PROTOBUF', text: content.text, imports: registry.importsOf(content) });
  return schema.format === 'PROTOBUF' ? serialiseProtobufSchema(schema) : content.text;
}
