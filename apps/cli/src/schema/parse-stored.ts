import { parseSchema, type Schema, type SchemaDraft, type SchemaReference } from '@penstock/schema';
import type { RegistryDoor } from './registry-door.ts';

/** A schema with all that it refers to, asked of the registry. Throws `schema.invalid-schema`. */
export async function parseDraft(door: RegistryDoor, { format, text, references = [] }: SchemaDraft): Promise<Schema> {
  const imports = new Map<string, string>();
  await readImports(door, references, imports);
  return parseSchema({ format, text, imports });
}

/** What a schema needs comes before it. */
async function readImports(
  door: RegistryDoor,
  references: readonly SchemaReference[],
  imports: Map<string, string>,
): Promise<void> {
  for (const { name, subject, version } of references) {
    if (imports.has(name)) continue;
    const found = await door.version(subject, version);
    await readImports(door, found.references, imports);
    imports.set(name, found.text);
  }
}
