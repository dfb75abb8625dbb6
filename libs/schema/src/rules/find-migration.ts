import { unusableSchema } from '../problems.ts';
import type { SchemaRegistry, SchemaVersion } from '../registry/registry.ts';
import type { Schema } from '../schema.ts';
import { type Migration, planMigration } from './migrate.ts';

/**
 * The migration that records of a writer's id pass before a reader's version reads them; null where there is none: the ids are the same, the
 * writer's is of another subject, or no version in between has rules for the way. Throws `schema.unusable` where one of them is gone.
 */
export async function findMigration(
  registry: SchemaRegistry,
  writer: { readonly id: number; readonly schema: Schema },
  reader: SchemaVersion,
): Promise<Migration | null> {
  if (writer.id === reader.id || registry.versionOf === undefined) return null;
  const version = await registry.versionOf(reader.subject, writer.id);
  if (version === null || version === reader.version) return null;
  const between: Schema[] = [];
  for (let each = Math.min(version, reader.version) + 1; each < Math.max(version, reader.version); each += 1)
    between.push(await schemaOf(registry, reader.subject, each));
  return version < reader.version
    ? planMigration([writer.schema, ...between, reader.schema], 'UPGRADE')
    : planMigration([reader.schema, ...between, writer.schema], 'DOWNGRADE');
}

async function schemaOf(registry: SchemaRegistry, subject: string, version: number): Promise<Schema> {
  const found = await registry.version(subject, version);
  if (found !== null) return found.schema;
  throw unusableSchema(`version ${version} of ${subject} is gone, and its migration rules with it`, {
    facts: { subject, version },
  });
}
