import type { AppliedPipeline } from '@penstock/document';
import { messageOf } from '@penstock/kernel';
import { applyRecord, type Change as RegistryChange, type RegistryRecord, registryProblems } from '@penstock/registry';
import type { State } from './state.ts';

/** The topics of truth that this service writes. */
export interface Topics {
  readonly schemas: string;
  readonly pipelines: string;
  /** Who changed what: appended, never read here. */
  readonly audit: string;
}

export interface LogRecord extends RegistryRecord {
  readonly topic: keyof Topics;
}

export type Change = RegistryChange | { readonly kind: 'pipeline'; readonly pipeline: string };

export function schemaRecords(records: readonly RegistryRecord[]): LogRecord[] {
  return records.map((record) => ({ ...record, topic: 'schemas' }));
}

/** Null takes the pipeline away. */
export function pipelineRecord(pipeline: string, applied: AppliedPipeline | null): LogRecord {
  return { topic: 'pipelines', key: pipeline, value: applied === null ? null : JSON.stringify(applied) };
}

/** Folds a record into the state. Throws `registry.bad-record` for what this build cannot read; then nothing changed. */
export function fold(state: State, record: LogRecord): Change | null {
  if (record.topic === 'audit') return null;
  if (record.topic === 'schemas') return applyRecord(state.registry, record);
  if (record.value === null) state.pipelines.delete(record.key);
  else state.pipelines.set(record.key, parseApplied(record.key, record.value));
  return { kind: 'pipeline', pipeline: record.key };
}

function parseApplied(pipeline: string, value: string): AppliedPipeline {
  try {
    return JSON.parse(value) as AppliedPipeline;
  } catch (cause) {
    throw registryProblems.badRecord(`pipeline ${pipeline}: the record is not JSON: ${messageOf(cause)}`, { cause });
  }
}
