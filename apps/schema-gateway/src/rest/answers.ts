import { guidOf, type Registry, type SchemaContent, type StoredVersion } from '@penstock/registry';
import { parseSchema, serialiseProtobufSchema } from '@penstock/schema';

/** How a caller wants a schema to be shown. */
export interface Showing {
  /** As `format` in the query says it. */
  readonly format: string | undefined;
  /** The caller knows of fields that clients of earlier days stumble over. */
  readonly full: boolean;
}

/** A version as the REST API shows it; what says nothing is left out. */
export function versionAnswer(registry: Registry, { subject, version, content }: StoredVersion, showing: Showing): object {
  return { subject, version, id: content.id, ...contentAnswer(registry, content, showing) };
}

export function contentAnswer(registry: Registry, content: SchemaContent, { format, full }: Showing): object {
  const { format: type, references, metadata, ruleSet } = content;
  return {
    ...(full ? { guid: guidOf(content) } : {}),
    ...(type === 'AVRO' && !full ? {} : { schemaType: type }),
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
    schema: textOf(registry, content, format),
  };
}

/** The text, or with `format=serialized` what a Protobuf schema compiles to. */
export function textOf(registry: Registry, content: SchemaContent, format: string | undefined): string {
  if (format !== 'serialized' || content.format !== 'PROTOBUF') return content.text;
  const schema = parseSchema({ format: 'PROTOBUF', text: content.text, imports: registry.imports(content.references) });
  return schema.format === 'PROTOBUF' ? serialiseProtobufSchema(schema) : content.text;
}
