import { type CompatibilityLevel, compatibilityLevels } from '@penstock/schema';
import { invalidLevel, invalidMode, noConfig, noMode, notPermitted } from './problems.ts';
import { type ConfigValue, type Mode, modes, printKey, type RegistryRecord } from './records.ts';
import { defaultLevel, type Registry } from './registry.ts';

/** The settings that a subject goes by: its own, then those for all, then the defaults. */
export function configOf(registry: Registry, subject: string): { level: CompatibilityLevel; normalize: boolean; guard: boolean } {
  const layers = [registry.configs.get(subject), registry.configs.get('')];
  const first = <Key extends keyof ConfigValue>(key: Key): ConfigValue[Key] =>
    layers.find((layer) => layer?.[key] !== undefined && layer[key] !== null)?.[key];
  return {
    level: first('compatibilityLevel') ?? defaultLevel,
    normalize: first('normalize') ?? false,
    guard: first('guard') ?? true,
  };
}

/** The mode that a subject is in; an override for all goes over its own. */
export function modeOf(registry: Registry, subject: string): Mode {
  const everywhere = registry.modes.get('') ?? 'READWRITE';
  if (everywhere.endsWith('_OVERRIDE')) return everywhere;
  return registry.modes.get(subject) ?? everywhere;
}

export interface ConfigChange {
  readonly compatibility?: string | undefined;
  readonly normalize?: boolean | undefined;
  readonly guard?: boolean | undefined;
}

/** The record that changes settings; what is not given stays. Subject '' is the default for all. */
export function decideConfig(registry: Registry, subject: string, change: ConfigChange): RegistryRecord[] {
  checkWritable(registry, subject);
  const level = change.compatibility?.toUpperCase();
  if (level !== undefined && !compatibilityLevels.includes(level as CompatibilityLevel)) {
    throw invalidLevel(
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    );
  }
  const before = registry.configs.get(subject);
  const value: ConfigValue = {
    normalize: change.normalize ?? before?.normalize,
    compatibilityLevel: (level as CompatibilityLevel | undefined) ?? before?.compatibilityLevel,
    guard: change.guard ?? before?.guard,
  };
  return [{ key: printKey({ keytype: 'CONFIG', subject: subject || null }), value: JSON.stringify(value) }];
}

/** The records that take a subject's own settings away, under every form that the key was written in. */
export function decideConfigRemoval(registry: Registry, subject: string): RegistryRecord[] {
  checkWritable(registry, subject);
  if (registry.configs.get(subject) === undefined) {
    throw noConfig(`Subject '${subject}' does not have subject-level compatibility configured`, { facts: { subject } });
  }
  return tombstones(registry, printKey({ keytype: 'CONFIG', subject: subject || null }));
}

export function decideMode(registry: Registry, subject: string, change: { mode: string; force: boolean }): RegistryRecord[] {
  const mode = change.mode.toUpperCase() as Mode;
  if (!modes.includes(mode)) throw invalidMode(`Invalid mode. Valid values are ${modes.join(', ')}`);
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
