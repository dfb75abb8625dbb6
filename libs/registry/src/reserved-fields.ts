import type { Schema, VersionIncompatibility } from '@penstock/schema';
import { propertyOf } from './contract.ts';
import type { Attachment, SchemaContent, StoredVersion } from './stored-schema.ts';

/** What speaks against a candidate for the names that `confluent:reserved` keeps free: one taken back, or one taken by a field. */
export function reservedConflicts(
  { schema, content }: { readonly schema: Schema; readonly content: Pick<SchemaContent, 'metadata'> },
  before: StoredVersion | null,
): VersionIncompatibility[] {
  const reserved = reservedIn(content.metadata);
  const fields = topFields(schema);
  const found = (type: string, name: string, message: string): VersionIncompatibility => ({
    ...{ type, path: `/${name}`, message, direction: 'BACKWARD', version: before?.version ?? 0 },
  });
  const lost = [...reservedIn(before?.content.metadata ?? null)].filter((name) => !reserved.has(name));
  return [
    ...lost.map((name) =>
      found(
        'RESERVED_FIELD_REMOVED',
        name,
        `The new schema has reserved field ${name} removed from its metadata which is present in the old schema's metadata.`,
      ),
    ),
    ...[...reserved]
      .filter((name) => fields.has(name))
      .map((name) =>
        found(
          'FIELD_CONFLICTS_WITH_RESERVED_FIELD',
          name,
          `The new schema has field that conflicts with the reserved field ${name}.`,
        ),
      ),
  ];
}

/** The name of a field that no field may have; null: there is none. Avro and Protobuf know no such names. */
export function forbiddenField(schema: Schema): string | null {
  if (schema.format !== 'JSON') return null;
  return [...topFields(schema)].find((name) => name.startsWith('$$')) ?? null;
}

function reservedIn(metadata: Attachment | null): Set<string> {
  const names = (propertyOf(metadata, 'confluent:reserved') ?? '').split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== ''));
}

function topFields(schema: Schema): Set<string> {
  if (schema.format === 'PROTOBUF') return new Set(schema.message.fields.map(({ name }) => name));
  if (schema.format === 'JSON') return new Set(Object.keys(Object((Object(schema.json) as { properties?: unknown }).properties)));
  return new Set(schema.type.kind === 'record' ? schema.type.fields.map(({ name }) => name) : []);
}
