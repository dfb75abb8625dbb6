import type { ModelInput } from '@penstock/catalogue';
import type { SchemaFormat } from '@penstock/schema';
import type { AppliedSchema } from './applied.ts';

/** What a check may know beyond the document. It asks nobody. */
export interface CheckFacts {
  /** The text of a file by its path from the document's folder, to be registered under `subject`; null when there is none. */
  readFile(path: string, subject: string): string | null;
  /** What is registered now, by subject: numbers of fields are kept. */
  readonly registered?: ReadonlyMap<string, AppliedSchema>;
  /** Inputs of the model that an alias points at, by `<model>/<alias>`. */
  readonly models?: ReadonlyMap<string, readonly ModelInput[]>;
}

/** A schema that `apply` registers. */
export interface DerivedSchema {
  readonly subject: string;
  readonly format: SchemaFormat;
  readonly text: string;
  readonly message?: string;
}
