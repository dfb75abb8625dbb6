import { type AppliedSchema, sourceOf } from '@penstock/document';
import { parseSchema, type Schema, type SchemaRegistry } from '@penstock/schema';

/** The schema as it was applied: its text came with the document, and those that it refers to. */
export function schemaOf(applied: AppliedSchema): Schema {
  return parseSchema(sourceOf(applied));
}

/** A registry that is only asked for ids and GUIDs that the document did not bring along, so that a stage starts without it. */
export function withKnown(registry: SchemaRegistry, applied: AppliedSchema): SchemaRegistry {
  const known = schemaOf(applied);
  const versionOf = registry.versionOf?.bind(registry);
  const byGuid = registry.byGuid?.bind(registry);
  return {
    ...(versionOf === undefined ? {} : { versionOf }),
    byGuid: async (guid) => (guid === applied.guid ? { id: applied.id, schema: known } : ((await byGuid?.(guid)) ?? null)),
    schema: async (id) => (id === applied.id ? known : registry.schema(id)),
    latest: (subject) => registry.latest(subject),
    version: (subject, version) => registry.version(subject, version),
    register: (subject, draft) => registry.register(subject, draft),
  };
}
