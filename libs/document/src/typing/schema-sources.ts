import type { Field } from '@penstock/kernel';
import type { KnownInput } from '@penstock/pipeline';
import type { AppliedSchema } from '../applied.ts';
import type { DocumentPath } from '../reading/places.ts';

/** Where the schemas of a document come from: from files while it is checked, from what was applied afterwards. */
export interface SchemaSources {
  /** The schema of a file, to be registered under a subject; null when a complaint was made. */
  file(reference: string, subject: string, path: DocumentPath): AppliedSchema | null;
  /** The schema of a topic whose fields no file names. */
  derived(topic: DerivedTopic): AppliedSchema | null;
  /** The same schema under the subject of another topic. */
  passed(schema: AppliedSchema, subject: string): AppliedSchema | null;
  /** What is registered already; null where nothing is. */
  registered(subject: string): AppliedSchema | null;
  /** The fields that the rules of a subject encrypt, of a schema that is to be its; none where the rules are not known. */
  encrypted(schema: AppliedSchema): readonly string[];
  /** Inputs of a registered model; null where they are not known. */
  model(name: string, alias: string): readonly KnownInput[] | null;
}

export interface DerivedTopic {
  readonly pipeline: string;
  readonly topic: string;
  readonly subject: string;
  readonly fields: readonly Field[];
  /** Where the fields come about. */
  readonly path: DocumentPath;
}

export function subjectOf(topic: string): string {
  return `${topic}-value`;
}
