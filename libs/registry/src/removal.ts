import { printKey, type RegistryRecord } from './records.ts';
import type { Registry, VersionName } from './registry.ts';
import { contextOf } from './stored-schema.ts';

/** A key may lie in the topic under several byte forms: each must go, else it comes back. */
export function tombstones(registry: Registry, key: string): RegistryRecord[] {
  return [key, ...(registry.oddKeys.get(key) ?? [])].map((each) => ({ key: each, value: null }));
}

/** The records that take versions away for good, in the order given. Nothing is left behind, but an id must not be given again. */
export function removal(registry: Registry, versions: readonly VersionName[]): RegistryRecord[] {
  const contexts = [...new Set(versions.map(({ subject }) => contextOf(subject)))];
  const kept = contexts.map((context) => ({
    key: printKey({ keytype: 'NOOP', context }),
    value: JSON.stringify({ idMax: registry.idMaxOf(context) }),
  }));
  return [...kept, ...versions.flatMap((version) => tombstones(registry, keyOf(version)))];
}

export function keyOf({ subject, version }: VersionName): string {
  return printKey({ keytype: 'SCHEMA', subject, version });
}

/** The records that take the settings of a name away, with its guard, or its mode; none where it has none. */
export function settingsRemoval(registry: Registry, subject: string, keytype: 'CONFIG' | 'MODE'): RegistryRecord[] {
  const { configs, modes, guards } = registry;
  const known = keytype === 'CONFIG' ? configs.get(subject) : modes.get(subject);
  const own = known === undefined ? [] : tombstones(registry, printKey({ keytype, subject: subject || null }));
  const isGuarded = keytype === 'CONFIG' && guards.get(subject) !== undefined;
  return isGuarded ? [...own, ...tombstones(registry, printKey({ keytype: 'NOOP', guard: subject }))] : own;
}
