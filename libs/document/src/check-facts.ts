import type { ModelInput } from '@penstock/catalogue';
import type { SchemaFormat, SchemaReference } from '@penstock/schema';
import type { AppliedSchema, Referring } from './applied.ts';

/** What a check may know beyond the document. It asks nobody. */
export interface CheckFacts {
  /** The text of a file by its path from the document's folder; null when there is none. */
  readFile(path: string): string | null;
  /** What is registered now, by subject: numbers of fields are kept. */
  readonly registered?: ReadonlyMap<string, AppliedSchema>;
  /** A version that is registered, also one that is not the latest; null when there is none. */
  version?(subject: string, version: number): AppliedSchema | null;
  /** By subject. A deployed document brings no files: what they said was registered, with all that it refers to. */
  readonly applied?: ReadonlyMap<string, AppliedSchema>;
  /** Inputs of the model that an alias points at, by `<model>/<alias>`. */
  readonly models?: ReadonlyMap<string, readonly ModelInput[]>;
}

/** A schema that `apply` registers. A reference to version 0 is to one that is registered before it. */
export interface DerivedSchema extends Referring {
  readonly subject: string;
  readonly format: SchemaFormat;
  readonly text: string;
  readonly message?: string;
  /** True where records name it by its GUID, which is then to be applied with it. */
  readonly isNamedByGuid?: true;
}

/** The schema with the versions that were given, by subject, to what is registered before it. */
export function pinReferences<Schema extends DerivedSchema>(schema: Schema, versions: ReadonlyMap<string, number>): Schema {
  const { references } = schema;
  if (references === undefined) return schema;
  const pin = (reference: SchemaReference): SchemaReference =>
    reference.version !== 0 ? reference : { ...reference, version: versions.get(reference.subject) ?? 0 };
  return { ...schema, references: references.map(pin) };
}
