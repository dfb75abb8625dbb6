import type { Registry, SchemaContent, StoredVersion } from '@penstock/registry';
import { parseSchema, serialiseProtobufSchema } from '@penstock/schema';

/** A version as the REST API shows it; what says nothing is left out. */
export function versionAnswer(
  registry: Registry,
  { subject, version, content }: StoredVersion,
  format: string | undefined,
): object {
  return { subject, version, id: content.id, ...contentAnswer(registry, content, format) };
}

export function contentAnswer(registry: Registry, content: SchemaContent, format: string | undefined): object {
  const { format: type, references, metadata, ruleSet } = content;
  return {
    ...(type === 'AVRO' ? {} : { schemaType: type }),
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
