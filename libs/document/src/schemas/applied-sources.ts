import type { AppliedPipeline, AppliedSchema } from '../applied.ts';
import { unplannable } from '../problems.ts';
import type { DerivedTopic, SchemaSources } from '../typing/schema-sources.ts';

/** Schemas as they came with the applied document: nobody is asked, nothing is derived anew. */
export class AppliedSources implements SchemaSources {
  readonly #applied: AppliedPipeline;

  constructor(applied: AppliedPipeline) {
    this.#applied = applied;
  }

  file(_reference: string, subject: string): AppliedSchema {
    return this.#bySubject(subject);
  }

  derived({ subject }: DerivedTopic): AppliedSchema {
    return this.#bySubject(subject);
  }

  passed(_schema: AppliedSchema, subject: string): AppliedSchema {
    return this.#bySubject(subject);
  }

  registered(subject: string): AppliedSchema {
    return this.#bySubject(subject);
  }

  /** What was applied runs: a rule that came later is no reason to stop. */
  encrypted(): readonly string[] {
    return [];
  }

  /** The service that predicts compares a model with its stage when it loads it. */
  model(): null {
    return null;
  }

  #bySubject(subject: string): AppliedSchema {
    const { pipeline, version, schemas } = this.#applied;
    const found = schemas[subject];
    if (found !== undefined) return found;
    throw unplannable(`pipeline ${pipeline} was applied without the schema of ${subject}; apply the document again`, {
      facts: { pipeline, version, subject },
    });
  }
}
