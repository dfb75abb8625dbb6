import { type CompatibilityLevel, type CompatibilityPolicy, compatibilityLevels } from '@penstock/schema';
import { parseMetadata, parseRuleSet } from './contract.ts';
import { checkUnreferenced } from './delete.ts';
import { invalidLevel, invalidMode, notPermitted, unknownSubject } from './problems.ts';
import { type ConfigValue, type Mode, modes, printKey, printSettings, type RegistryRecord } from './records.ts';
import type { Registry } from './registry.ts';
import { removal, settingsRemoval } from './removal.ts';
import { checkWritable, modeOf, policies } from './settings.ts';
import { type Attachment, contextName, contextOf, globalContext, isContextName, type StoredVersion } from './stored-schema.ts';

/** What is undefined stays as it is; null takes it away. */
export interface ConfigChange {
  readonly compatibility?: string | null | undefined;
  readonly policy?: string | null | undefined;
  readonly group?: string | null | undefined;
  readonly alias?: string | null | undefined;
  readonly aliasForDeks?: string | null | undefined;
  readonly normalize?: boolean | null | undefined;
  readonly validateFields?: boolean | null | undefined;
  readonly validateNewSchemas?: boolean | null | undefined;
  readonly validateRules?: boolean | null | undefined;
  readonly guard?: boolean | null | undefined;
  readonly defaultMetadata?: unknown;
  readonly overrideMetadata?: unknown;
  readonly defaultRuleSet?: unknown;
  readonly overrideRuleSet?: unknown;
}

/** The records that change settings. Subject '' is the default for all. Throws `registry.invalid-…` for what cannot be set. */
export function decideConfig(registry: Registry, subject: string, change: ConfigChange): RegistryRecord[] {
  const { guard, ...others } = change;
  checkWritable(registry, subject);
  const wanted: Readonly<Record<Exclude<keyof ConfigValue, 'guard'>, unknown>> = {
    alias: others.alias === '' ? null : others.alias,
    aliasForDeks: others.aliasForDeks === '' ? null : others.aliasForDeks,
    normalize: others.normalize,
    validateFields: others.validateFields,
    validateNewSchemas: others.validateNewSchemas,
    validateRules: others.validateRules,
    compatibilityLevel: levelNamed(others.compatibility),
    compatibilityPolicy: policyNamed(others.policy),
    compatibilityGroup: others.group,
    defaultMetadata: parsedBy(parseMetadata, others.defaultMetadata),
    overrideMetadata: parsedBy(parseMetadata, others.overrideMetadata),
    defaultRuleSet: parsedBy(parseRuleSet, others.defaultRuleSet),
    overrideRuleSet: parsedBy(parseRuleSet, others.overrideRuleSet),
  };
  const guarding = guard === undefined ? [] : [guardRecord(subject, guard)];
  // The guard is none of the settings that other registries know: a subject may have it and nothing else.
  if (guard !== undefined && Object.values(others).every((value) => value === undefined)) return guarding;
  const before = registry.configs.get(subject);
  const after = Object.entries(wanted).map(([name, value]) => {
    const kept = value === undefined ? before?.[name as keyof ConfigValue] : value;
    return [name, kept ?? undefined] as const;
  });
  const value = printSettings(subject, Object.fromEntries(after));
  return [{ key: printKey({ keytype: 'CONFIG', subject: subject || null }), value }, ...guarding];
}

function guardRecord(subject: string, guard: boolean | null): RegistryRecord {
  const key = printKey({ keytype: 'NOOP', guard: subject });
  return { key, value: guard === null ? null : JSON.stringify({ guard }) };
}

function levelNamed(name: string | null | undefined): string | null | undefined {
  const level = name?.toUpperCase() ?? name;
  if (typeof level !== 'string' || compatibilityLevels.includes(level as CompatibilityLevel)) return level;
  throw invalidLevel(
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
  );
}

function policyNamed(name: string | null | undefined): string | null | undefined {
  const policy = name?.toUpperCase() ?? name;
  if (typeof policy !== 'string' || policies.includes(policy as CompatibilityPolicy)) return policy;
  throw invalidLevel(`Invalid compatibility policy ${name}. Valid values are strict and lenient`);
}

function parsedBy(parse: (given: unknown) => Attachment, given: unknown): unknown {
  return given === undefined || given === null ? given : parse(given);
}

/** The records that take a subject's own settings away, under every form that the key was written in. */
export function decideConfigRemoval(registry: Registry, subject: string): RegistryRecord[] {
  const records = settingsRemoval(registry, subject, 'CONFIG');
  if (records.length === 0 && !hasDefaults(subject))
    throw unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
  checkWritable(registry, subject);
  return records;
}

/** Those for all, and of the global context, are the defaults where nothing is set. */
export function hasDefaults(subject: string): boolean {
  return subject === '' || contextOf(subject) === globalContext;
}

/** Others write no longer what overrides read-only modes, and do not read it. */
const settable: readonly Mode[] = modes.filter((mode) => mode !== 'READWRITE_OVERRIDE');

/** A mode that is null takes the own one away. */
export interface ModeChange {
  readonly mode: string | null;
  /** Schemas may be there when importing begins. */
  readonly force: boolean;
}

/** The records that set a mode. Throws `registry.invalid-mode`, `registry.not-permitted` or `registry.referenced`. */
export function decideMode(registry: Registry, subject: string, change: ModeChange): RegistryRecord[] {
  if (change.mode === null) return settingsRemoval(registry, subject, 'MODE');
  const mode = change.mode.toUpperCase() as Mode;
  if (!settable.includes(mode)) throw invalidMode('Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.');
  if (mode === 'FORWARD' && subject !== contextName(globalContext))
    throw invalidMode('Forward mode only supported on global level');
  const key = printKey({ keytype: 'MODE', subject: subject || null });
  const record = { key, value: printSettings(subject, { mode }) };
  const isEntered = mode === 'IMPORT' && modeOf(registry, subject) !== 'IMPORT' && !change.force;
  return isEntered ? [...clearing(registry, subject), record] : [record];
}

/** The versions that go for good when importing begins: those that were deleted. Throws `registry.not-permitted` where others are. */
export function clearedBy(registry: Registry, name: string): StoredVersion[] {
  const versions = registry.subjectsOf(name).flatMap((subject) => registry.versions(subject));
  if (versions.some(({ deleted }) => !deleted)) throw notPermitted('Cannot import since found existing subjects');
  return versions;
}

function clearing(registry: Registry, name: string): RegistryRecord[] {
  const cleared = clearedBy(registry, name);
  for (const stored of cleared) checkUnreferenced(registry, stored, { deleted: true });
  const key = printKey({ keytype: 'CLEAR_SUBJECT', subject: name || null });
  return [...removal(registry, cleared), { key, value: printSettings(name, {}) }];
}

/** The records that take modes away: that of a name, and recursively those of the subjects of a context. */
export function decideModeRemoval(registry: Registry, subject: string, recursive = false): RegistryRecord[] {
  const own = settingsRemoval(registry, subject, 'MODE');
  if (own.length === 0 && !recursive && !hasDefaults(subject)) {
    throw unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
  }
  if (!recursive || !isContextName(subject)) return own;
  const within = registry.modes.keys().filter((name) => name !== subject && contextOf(name) === contextOf(subject));
  return [...own, ...within.flatMap((name) => settingsRemoval(registry, name, 'MODE'))];
}
