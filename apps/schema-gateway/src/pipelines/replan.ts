import { type AppliedPipeline, applyDocument } from '@penstock/document';
import { fold, type LogRecord, pipelineRecord } from '../log/records.ts';
import type { State } from '../log/state.ts';
import { registerSchemas } from './derived-schemas.ts';
import type { Consequence } from './guard.ts';

/**
 * A deployed pipeline goes on with the new version of a schema: what follows from it is registered, and services get the pipeline
 * anew. Null when nothing changes for them.
 */
export function replan(
  layer: State,
  { applied, checked, follows }: Consequence,
  nowMs: number,
): { readonly applied: AppliedPipeline; readonly records: readonly LogRecord[] } | null {
  if (!follows) return null;
  const { schemas, records } = registerSchemas(layer, checked);
  const after = applyDocument(applied.document, schemas, nowMs);
  if (after.version === applied.version) return null;
  const record = pipelineRecord(applied.pipeline, after);
  fold(layer, record);
  return { applied: after, records: [...records, record] };
}
