import type { Caller } from '../access/caller.ts';
import type { LogRecord } from '../log/records.ts';
import type { State } from '../log/state.ts';
import { keyChangeOf } from './key-change.ts';

/** Who did what, as it stands in the topic. Fields that say nothing are absent. */
export interface AuditRecord {
  /** ISO 8601. */
  readonly at: string;
  readonly principal: string;
  readonly peer?: string;
  readonly door?: Caller['door'];
  /** `schema.register`, `schema.delete`, `schema.purge`, `config.set`, `mode.set`, `pipeline.apply`, … */
  readonly action: string;
  /** `denied`: whoever asked may not; `refused`: it would break what is deployed. */
  readonly outcome: 'done' | 'denied' | 'refused';
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  readonly pipeline?: string;
  /** The key that wraps others, by name, and how the one of the subject encrypts. */
  readonly kek?: string;
  readonly algorithm?: string;
  /** Why a version was taken although it breaks pipelines, or why something was denied. */
  readonly reason?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type What = Omit<AuditRecord, 'at' | 'principal' | 'peer' | 'door' | 'outcome'>;

/** What a record is going to change; null for one that only keeps the books. */
export function changeOf(record: LogRecord, before: State): What | null {
  if (record.topic === 'schemas') return schemaChangeOf(record, before);
  if (record.topic === 'keys') return keyChangeOf(record, before);
  if (record.topic === 'audit') return null;
  if (record.topic === 'pipelines') return pipelineChangeOf(record, before);
  return { action: `${String(record.topic)}.${record.value === null ? 'remove' : 'set'}`, subject: record.key };
}

interface SchemaKey {
  readonly keytype: string;
  readonly subject?: string | null;
  readonly version?: number;
  readonly context?: string;
  /** The subject whose guard is set. */
  readonly guard?: string;
}

function schemaChangeOf({ key, value }: LogRecord, before: State): What | null {
  const { keytype, subject, version, context = '', guard } = JSON.parse(key) as SchemaKey;
  const after: unknown = value === null ? undefined : JSON.parse(value);
  const on = { subject: subject ?? '' };
  const end = value === null ? 'remove' : 'set';
  const { registry } = before;
  switch (keytype) {
    case 'SCHEMA': {
      const { id, deleted } = (after ?? {}) as { id?: number; deleted?: boolean };
      const known = registry.version(on.subject, version ?? 0);
      const action = value === null ? 'schema.purge' : deleted === true ? 'schema.delete' : 'schema.register';
      const named = id ?? known?.content.id;
      return { action, ...on, ...(version === undefined ? {} : { version }), ...(named === undefined ? {} : { id: named }) };
    }
    case 'CONFIG':
      return { action: `config.${end}`, ...on, before: registry.configs.get(on.subject), after };
    case 'MODE':
      return { action: `mode.${end}`, ...on, before: registry.modes.get(on.subject), after };
    case 'DELETE_SUBJECT':
      return { action: 'subject.delete', ...on };
    case 'CLEAR_SUBJECT':
      return { action: 'subject.clear', ...on };
    case 'CONTEXT':
      return value === null ? { action: 'context.remove', subject: `:${context}:` } : null;
    case 'NOOP':
      return guard === undefined ? null : { action: `guard.${end}`, subject: guard, before: registry.guards.get(guard), after };
    default:
      return null;
  }
}

function pipelineChangeOf({ key, value }: LogRecord, { pipelines }: State): What {
  const after = value === null ? undefined : (JSON.parse(value) as { version?: string }).version;
  return {
    action: value === null ? 'pipeline.remove' : 'pipeline.apply',
    pipeline: key,
    before: pipelines.get(key)?.version,
    after,
  };
}

export interface AuditFacts {
  readonly atMs: number;
  readonly caller: Caller | null;
  readonly outcome: AuditRecord['outcome'];
  readonly reason?: string | null;
}

/** The record of the topic, by subject, pipeline or KEK, so that what happened to one of them stays in order. */
export function auditRecord(what: What, { atMs, caller, outcome, reason = null }: AuditFacts): LogRecord {
  const who =
    caller === null ? { principal: 'schema-gateway' } : { principal: caller.principal, peer: caller.peer, door: caller.door };
  const { action, ...facts } = what;
  const record: AuditRecord = {
    at: new Date(atMs).toISOString(),
    ...who,
    action,
    outcome,
    ...facts,
    ...(reason === null ? {} : { reason }),
  };
  return { topic: 'audit', key: what.subject || what.pipeline || what.kek || action, value: JSON.stringify(record) };
}
