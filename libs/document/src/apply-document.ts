import type { AppliedPipeline, AppliedSchema } from './applied.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { PipelineDocument } from './pipeline-document.ts';

/** The record that is written when a document is applied. Its version follows from what it says, not from when. */
export function applyDocument(
  document: PipelineDocument,
  schemas: readonly AppliedSchema[],
  appliedAtMs: number,
): AppliedPipeline {
  const bySubject = Object.fromEntries(schemas.map((schema) => [schema.subject, schema]));
  const version = fingerprintOf({ document, schemas: bySubject }, 12);
  return { pipeline: document.pipeline, version, appliedAtMs, document, schemas: bySubject };
}
