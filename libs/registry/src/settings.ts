import { type CompatibilityLevel, type CompatibilityPolicy, compatibilityLevels } from '@penstock/schema';
import { parseMetadata, parseRuleSet } from './contract.ts';
import { invalidLevel, invalidMode, noConfig, noMode, notPermitted } from './problems.ts';
import { type ConfigValue, type Mode, modes, printKey, type RegistryRecord } from './records.ts';
import { defaultLevel, type Registry } from './registry.ts';
import { type Attachment, contextOf, defaultContext } from './stored-schema.ts';

/** What a subject goes by. */
export interface Settings {
  readonly level: CompatibilityLevel;
  /** Undefined: strict. */
  readonly policy: CompatibilityPolicy | undefined;
  /** The property of metadata by which versions are compared with their like only. */
  readonly group: string | undefined;
  readonly normalize: boolean;
  readonly guard: boolean;
  /** What is added to each new version where it says nothing itself, and whatever it says. */
  readonly defaultMetadata: Attachment | undefined;
  readonly overrideMetadata: Attachment | undefined;
  readonly defaultRuleSet: Attachment | undefined;
  readonly overrideRuleSet: Attachment | undefined;
}

/** The settings that a subject goes by: its own, then those of its context, then those for all, then the defaults. */
export function configOf(registry: Registry, subject: string): Settings {
  const layers = layersOf(subject).map((name) => registry.configs.get(name));
  const first = <Key extends keyof ConfigValue>(key: Key): NonNullable<ConfigValue[Key]> | undefined =>
    layers.find((layer) => layer?.[key] !== undefined && layer[key] !== null)?.[key] ?? undefined;
  return {
    level: first('compatibilityLevel') ?? defaultLevel,
    policy: policies.find((policy) => policy === first('compatibilityPolicy')),
    group: first('compatibilityGroup'),
    normalize: first('normalize') ?? false,
    guard: first('guard') ?? true,
    defaultMetadata: first('defaultMetadata'),
    overrideMetadata: first('overrideMetadata'),
    defaultRuleSet: first('defaultRuleSet'),
    overrideRuleSet: first('overrideRuleSet'),
  };
}

const policies: readonly CompatibilityPolicy[] = ['STRICT', 'LENIENT'];

/** A subject, its context and all: where settings are looked for, in this order. */
function layersOf(subject: string): readonly string[] {
  const context = contextOf(subject);
  return context === defaultContext ? [subject, ''] : [subject, `:${context}:`, ''];
}

/** The subject that a name stands for: itself, unless an alias is set for it. An alias is no other's alias. */
export function subjectNamed(registry: Registry, name: string): string {
  const alias = registry.configs.get(name)?.alias ?? '';
  if (alias === '') return name;
  const context = contextOf(name);
  return alias.startsWith(':.') || context === defaultContext ? alias : `:${context}:${alias}`;
}

/** The mode that a subject is in; an override for all goes over its own. */
export function modeOf(registry: Registry, subject: string): Mode {
  const everywhere = registry.modes.get('') ?? 'READWRITE';
  if (everywhere.endsWith('_OVERRIDE')) return everywhere;
  const set = layersOf(subject).map((name) => registry.modes.get(name));
  return set.find((mode) => mode !== undefined) ?? everywhere;
}

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

/** The record that changes settings. Subject '' is the default for all. Throws `registry.invalid-…` for what cannot be set. */
export function decideConfig(registry: Registry, subject: string, change: ConfigChange): RegistryRecord[] {
  checkWritable(registry, subject);
  const wanted: Readonly<Record<keyof ConfigValue, unknown>> = {
    alias: change.alias === '' ? null : change.alias,
    aliasForDeks: change.aliasForDeks,
    normalize: change.normalize,
    validateFields: change.validateFields,
    validateNewSchemas: change.validateNewSchemas,
    validateRules: change.validateRules,
    compatibilityLevel: levelNamed(change.compatibility),
    compatibilityPolicy: policyNamed(change.policy),
    compatibilityGroup: change.group,
    defaultMetadata: parsedBy(parseMetadata, change.defaultMetadata),
    overrideMetadata: parsedBy(parseMetadata, change.overrideMetadata),
    defaultRuleSet: parsedBy(parseRuleSet, change.defaultRuleSet),
    overrideRuleSet: parsedBy(parseRuleSet, change.overrideRuleSet),
    guard: change.guard,
  };
  const before = registry.configs.get(subject);
  const after = Object.entries(wanted).map(([name, value]) => {
    const kept = value === undefined ? before?.[name as keyof ConfigValue] : value;
    return [name, kept ?? undefined] as const;
  });
  return [{ key: printKey({ keytype: 'CONFIG', subject: subject || null }), value: JSON.stringify(Object.fromEntries(after)) }];
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
  checkWritable(registry, subject);
  if (registry.configs.get(subject) === undefined) {
    throw noConfig(`Subject '${subject}' does not have subject-level compatibility configured`, { facts: { subject } });
  }
  return tombstones(registry, printKey({ keytype: 'CONFIG', subject: subject || null }));
}

/** Others write no longer what overrides read-only modes, and do not read it. */
const settable: readonly Mode[] = modes.filter((mode) => mode !== 'READWRITE_OVERRIDE');

export function decideMode(registry: Registry, subject: string, change: { mode: string; force: boolean }): RegistryRecord[] {
  const mode = change.mode.toUpperCase() as Mode;
  if (!settable.includes(mode)) throw invalidMode(`Invalid mode. Valid values are ${settable.join(', ')}`);
  const used = subject === '' ? registry.subjects.keys() : registry.versions(subject).filter(({ deleted }) => !deleted);
  if (mode === 'IMPORT' && modeOf(registry, subject) !== 'IMPORT' && used.length > 0 && !change.force) {
    throw notPermitted('Cannot import since found existing subjects');
  }
  return [{ key: printKey({ keytype: 'MODE', subject: subject || null }), value: JSON.stringify({ mode }) }];
}

export function decideModeRemoval(registry: Registry, subject: string): RegistryRecord[] {
  if (registry.modes.get(subject) === undefined) {
    throw noMode(`Subject '${subject}' does not have subject-level mode configured`, { facts: { subject } });
  }
  return tombstones(registry, printKey({ keytype: 'MODE', subject: subject || null }));
}

/** A key may lie in the topic under several byte forms: each must go, else it comes back. */
export function tombstones(registry: Registry, key: string): RegistryRecord[] {
  return [key, ...(registry.oddKeys.get(key) ?? [])].map((each) => ({ key: each, value: null }));
}

/** Throws `registry.not-permitted` in a mode in which nothing is changed. */
export function checkWritable(registry: Registry, subject: string): void {
  const mode = modeOf(registry, subject);
  if (mode !== 'READONLY' && mode !== 'READONLY_OVERRIDE') return;
  throw notPermitted(subject === '' ? 'The registry is in read-only mode' : `Subject ${subject} is in read-only mode`, {
    facts: { subject, mode },
  });
}
