import type { AppliedPipeline } from '@penstock/document';
import { messageOf } from '@penstock/kernel';
import { applyRecord, type Change as RegistryChange, type RegistryRecord, registryProblems } from '@penstock/registry';
import { applyKeyRecord, type KeyChange } from '../keys/apply-key-record.ts';
import type { Place } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-records.ts';
import type { State } from './state.ts';

/** The topics of truth that this service writes. */
export interface Topics {
  readonly schemas: string;
  readonly pipelines: string;
  /** Keys of encrypted fields; absent where another registry holds them. */
  readonly keys?: string;
  /** Who changed what: appended, never read here. */
  readonly audit: string;
}

export interface LogRecord extends RegistryRecord {
  readonly topic: keyof Topics;
  /** Absent until it is stored. */
  readonly place?: Place;
}

export type Change = RegistryChange | KeyChange | { readonly kind: 'pipeline'; readonly pipeline: string };

export function schemaRecords(records: readonly RegistryRecord[]): LogRecord[] {
  return records.map((record) => ({ ...record, topic: 'schemas' }));
}

export function keyRecords(records: readonly KeyRecord[]): LogRecord[] {
  return records.map((record) => ({ ...record, topic: 'keys' }));
}

/** Null takes the pipeline away. */
export function pipelineRecord(pipeline: string, applied: AppliedPipeline | null): LogRecord {
  return { topic: 'pipelines', key: pipeline, value: applied === null ? null : JSON.stringify(applied) };
}

/** Folds a record into the state. Throws `registry.bad-record` and `keys.bad-record` for what this build cannot read; then nothing changed. */
export function fold(state: State, record: LogRecord): Change | null {
  if (record.topic === 'audit') return null;
  if (record.topic === 'schemas') return applyRecord(state.registry, record);
  if (record.topic === 'keys') return applyKeyRecord(state.keys, record, record.place ?? null);
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
