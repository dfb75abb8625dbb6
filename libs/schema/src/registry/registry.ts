import type { Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';

/** How one schema names another: the name it imports, and where that stands. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema to be registered. */
export interface SchemaDraft {
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references?: readonly SchemaReference[];
}

export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: Schema;
}

/** A schema behind a GUID, which means the same in every registry; its id in this one, if it has any in the default context. */
export interface NamedSchema {
  readonly id: number | null;
  readonly schema: Schema;
}

/**
 * What codecs ask of a registry, over REST or in process. An answer of null means that a caught-up registry knows no such thing;
 * a registry that cannot be asked is a problem with remedy `retry`.
 */
export interface SchemaRegistry {
  schema(id: number): Promise<Schema | null>;
  /** Absent: it knows ids alone. */
  byGuid?(guid: string): Promise<NamedSchema | null>;
  latest(subject: string): Promise<SchemaVersion | null>;
  /** Also one that was deleted and not for good. */
  version(subject: string, version: number): Promise<SchemaVersion | null>;
  /** The version that a schema is in a subject, the last where it is several, deleted ones too. Absent: nobody can be asked. */
  versionOf?(subject: string, id: number): Promise<number | null>;
  /** Answers the id: that of the same schema if it is registered, else a new one. Throws `schema.registry-refused`. */
  register(subject: string, draft: SchemaDraft): Promise<number>;
}
