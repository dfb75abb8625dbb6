import { messageOf } from '@penstock/kernel';
import type { z } from 'zod';
import { badRecord } from './problems.ts';
import {
  configValue,
  deleteSubjectValue,
  guardValue,
  keySchema,
  modeValue,
  noopValue,
  printKey,
  type RecordKey,
  type RegistryRecord,
  schemaValue,
} from './records.ts';
import type { Registry } from './registry.ts';

/** What a record changed, for those who watch. */
export interface Change {
  readonly kind: 'registered' | 'deleted' | 'removed' | 'config' | 'mode';
  /** '' for the default of all subjects. */
  readonly subject: string;
  /** Of a subject that was deleted as a whole: the last version that is. */
  readonly version?: number;
}

/** Subjects, ids and settings are a fold of this over the records of the topic. Throws `registry.bad-record`; then nothing changed. */
export function applyRecord(registry: Registry, record: RegistryRecord): Change | null {
  const key = parse(keySchema, record.key, record.key);
  noteKey(registry, key, record);
  switch (key.keytype) {
    case 'SCHEMA':
      return applySchema(registry, key, record);
    case 'CONFIG':
      if (record.value === null) registry.configs.delete(key.subject ?? '');
      else registry.configs.set(key.subject ?? '', parse(configValue, record.key, record.value));
      return { kind: 'config', subject: key.subject ?? '' };
    case 'MODE':
      if (record.value === null) registry.modes.delete(key.subject ?? '');
      else registry.modes.set(key.subject ?? '', parse(modeValue, record.key, record.value).mode);
      return { kind: 'mode', subject: key.subject ?? '' };
    case 'DELETE_SUBJECT':
      return applyDelete(registry, record);
    case 'CLEAR_SUBJECT':
      return applyClear(registry, key.subject ?? '');
    case 'CONTEXT':
      if (record.value === null) registry.contexts.delete(key.context);
      else registry.contexts.set(key.context, true);
      return null;
    case 'NOOP':
      if (key.guard !== undefined) return applyGuard(registry, key.guard, record);
      if (record.value !== null) registry.noteId(key.context ?? '', noopValue.safeParse(json(record)).data?.idMax ?? 0);
      return null;
  }
}

/** Two byte forms of one key are two records for compaction, and would come back one by one. */
function noteKey(registry: Registry, key: RecordKey, { key: written, value }: RegistryRecord): void {
  const ours = printKey(key);
  if (written === ours) return;
  const others = (registry.oddKeys.get(ours) ?? []).filter((each) => each !== written);
  registry.oddKeys.set(ours, value === null ? others : [...others, written]);
}

function applySchema(registry: Registry, key: RecordKey & { keytype: 'SCHEMA' }, record: RegistryRecord): Change {
  const { subject, version } = key;
  if (record.value === null) {
    registry.remove(key);
    return { kind: 'removed', subject, version };
  }
  const value = parse(schemaValue, record.key, record.value);
  registry.put({ ...value, subject, version });
  return { kind: value.deleted === true ? 'deleted' : 'registered', subject, version };
}

function applyDelete(registry: Registry, record: RegistryRecord): Change | null {
  if (record.value === null) return null;
  const { subject, version } = parse(deleteSubjectValue, record.key, record.value);
  registry.softDelete(subject, version);
  return { kind: 'deleted', subject, version };
}

/** A context stands for all of its subjects. */
function applyClear(registry: Registry, name: string): Change {
  for (const subject of registry.subjectsOf(name))
    for (const each of registry.versions(subject)) if (each.deleted) registry.remove(each);
  return { kind: 'removed', subject: name };
}

function applyGuard(registry: Registry, subject: string, record: RegistryRecord): Change {
  if (record.value === null) registry.guards.delete(subject);
  else registry.guards.set(subject, parse(guardValue, record.key, record.value).guard);
  return { kind: 'config', subject };
}

function json({ key, value }: RegistryRecord): unknown {
  try {
    return JSON.parse(value ?? 'null');
  } catch (cause) {
    throw badRecord(`_schemas › ${key}: the value is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function parse<Shape extends z.ZodType>(shape: Shape, key: string, text: string): z.output<Shape> {
  const parsed = shape.safeParse(json({ key, value: text }));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRecord(`_schemas › ${key}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what it should be'}`);
}
