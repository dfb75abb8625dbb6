import type { CompatibilityLevel, CompatibilityPolicy } from '@penstock/schema';
import { notPermitted } from './problems.ts';
import type { ConfigValue, Mode } from './records.ts';
import { defaultLevel, type Registry } from './registry.ts';
import { type Attachment, contextName, contextOf, defaultContext, globalContext, subjectIn } from './stored-schema.ts';

/** What a subject goes by. */
export interface Settings {
  readonly level: CompatibilityLevel;
  /** Undefined: strict. */
  readonly policy: CompatibilityPolicy | undefined;
  /** The property of metadata by which versions are compared with their like only. */
  readonly group: string | undefined;
  readonly normalize: boolean;
  /** Names of fields are looked at: none that is reserved. */
  readonly validateFields: boolean;
  readonly guard: boolean;
  /** What is added to each new version where it says nothing itself, and whatever it says. */
  readonly defaultMetadata: Attachment | undefined;
  readonly overrideMetadata: Attachment | undefined;
  readonly defaultRuleSet: Attachment | undefined;
  readonly overrideRuleSet: Attachment | undefined;
}

/** The settings that a subject goes by. */
export function configOf(registry: Registry, subject: string): Settings {
  const { compatibilityLevel, compatibilityPolicy, compatibilityGroup, ...others } = configInScope(registry, subject);
  return {
    level: compatibilityLevel ?? defaultLevel,
    policy: policies.find((policy) => policy === compatibilityPolicy),
    group: compatibilityGroup ?? undefined,
    normalize: others.normalize ?? false,
    validateFields: others.validateFields ?? false,
    guard: guardOf(registry, subject),
    defaultMetadata: others.defaultMetadata ?? undefined,
    overrideMetadata: others.overrideMetadata ?? undefined,
    defaultRuleSet: others.defaultRuleSet ?? undefined,
    overrideRuleSet: others.overrideRuleSet ?? undefined,
  };
}

export const policies: readonly CompatibilityPolicy[] = ['STRICT', 'LENIENT'];

/**
 * As Confluent's registry has it: a subject's own settings, where it has any, and of the default ones then only those that are no level,
 * metadata or rules; else those of its context, whole; else those of the global context.
 */
export function configInScope(registry: Registry, subject: string): ConfigValue {
  const own = registry.configs.get(subject);
  if (own === undefined) return inherited(subject, (name) => registry.configs.get(name)) ?? {};
  const shared = subject === '' ? undefined : registry.configs.get('');
  if (shared === undefined) return own;
  const kept = inheritable.map((name) => [name, own[name] ?? shared[name]] as const);
  return { ...own, ...Object.fromEntries(kept) };
}

const inheritable = [
  ...(['normalize', 'validateFields', 'validateNewSchemas', 'validateRules'] as const),
  ...(['compatibilityPolicy', 'compatibilityGroup'] as const),
];

/** What is set for the context of a subject, else for the global one. */
function inherited<Value>(subject: string, get: (name: string) => Value | undefined): Value | undefined {
  return get(contextName(contextOf(subject))) ?? get(contextName(globalContext));
}

function guardOf({ guards, configs }: Registry, subject: string): boolean {
  const get = (name: string): boolean | undefined => guards.get(name) ?? configs.get(name)?.guard ?? undefined;
  return get(subject) ?? inherited(subject, get) ?? get('') ?? true;
}

/** The subject that a name stands for: itself, unless an alias is set for it. An alias is no other's alias. */
export function subjectNamed(registry: Registry, name: string): string {
  const alias = registry.configs.get(name)?.alias ?? '';
  return alias === '' ? name : subjectIn(contextOf(name), alias);
}

/** The mode that a subject is in; an override for all goes over its own. */
export function modeOf(registry: Registry, subject: string): Mode {
  const everywhere = registry.modes.get('');
  if (everywhere?.endsWith('_OVERRIDE') === true) return everywhere;
  return registry.modes.get(subject) ?? inherited(subject, (name) => registry.modes.get(name)) ?? 'READWRITE';
}

/** True in the modes in which ids and versions come from elsewhere. */
export function isImporting(registry: Registry, subject: string): boolean {
  return ['IMPORT', 'FORWARD'].includes(modeOf(registry, subject));
}

/** Throws `registry.not-permitted` in a mode in which nothing is changed. */
export function checkWritable(registry: Registry, subject: string): void {
  const mode = modeOf(registry, subject);
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') throw notIn(registry, subject, 'is in read-only mode');
}

/** What keeps a subject from being written. */
export function notIn(registry: Registry, subject: string, what: string): Error {
  const context = contextOf(subject);
  const place = context === defaultContext ? '' : contextName(context);
  return notPermitted(`Subject ${subject === '' ? 'null' : subject} in context ${place} ${what}`, {
    facts: { subject, mode: modeOf(registry, subject) },
  });
}
