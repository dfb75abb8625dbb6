import { beforeEach, describe, expect, test } from '@jest/globals';
import { decideConfig, decideConfigRemoval, decideMode, decideModeRemoval } from './decide-settings.ts';
import { decideContextDeletion, decideSubjectDeletion } from './delete.ts';
import { readDraft } from './draft.ts';
import { applyRecord } from './fold.ts';
import type { RegistryRecord } from './records.ts';
import { decideRegistration } from './register.ts';
import { Registry } from './registry.ts';
import { configOf, modeOf } from './settings.ts';

let registry = new Registry();
let log: RegistryRecord[] = [];
beforeEach(() => {
  registry = new Registry();
  log = [];
});

function write(records: readonly RegistryRecord[]): void {
  for (const record of records) applyRecord(registry, record);
  log.push(...records);
}

function register(subject: string, text = '"int"', id: number | null = null): [id: number, version: number] {
  const candidate = readDraft(registry, subject, { format: 'AVRO', text });
  const registration = decideRegistration(registry, subject, { candidate, given: id === null ? null : { id } });
  write(registration.records);
  return [registration.id, registration.version];
}

const everywhere = ':.__GLOBAL:';
const level = (subject: string): string => configOf(registry, subject).level;

describe('where settings are looked for', () => {
  test('a context has those of the global context, not those of the default one', () => {
    write(decideConfig(registry, '', { compatibility: 'FULL' }));
    expect([level('s'), level(':.c:s')]).toEqual(['FULL', 'BACKWARD']);
    write(decideConfig(registry, everywhere, { compatibility: 'NONE' }));
    expect([level('s'), level(':.c:s')]).toEqual(['FULL', 'NONE']);
    write(decideConfig(registry, ':.c:', { compatibility: 'FORWARD' }));
    expect([level(':.c:s'), level(':.d:s')]).toEqual(['FORWARD', 'NONE']);
    write(decideConfigRemoval(registry, ''));
    expect(level('s')).toBe('NONE');
  });

  test('a subject with settings of its own has of the others what is no level, metadata or rules', () => {
    const defaultMetadata = { properties: { owner: 'us' } };
    write(decideConfig(registry, '', { compatibility: 'FULL', normalize: true, group: 'major', defaultMetadata }));
    expect(configOf(registry, 's')).toMatchObject({ level: 'FULL', group: 'major', defaultMetadata });
    write(decideConfig(registry, 's', { policy: 'lenient' }));
    expect(configOf(registry, 's')).toMatchObject({ level: 'BACKWARD', policy: 'LENIENT', group: 'major', normalize: true });
    expect(configOf(registry, 's').defaultMetadata).toBeUndefined();
  });

  test('the guard is none of the settings that others see', () => {
    write(decideConfig(registry, '', { compatibility: 'FULL' }));
    write(decideConfig(registry, 's', { guard: false }));
    expect(log.at(-1)).toEqual({ key: '{"keytype":"NOOP","magic":0,"guard":"s"}', value: '{"guard":false}' });
    expect(configOf(registry, 's')).toMatchObject({ level: 'FULL', guard: false });
    write(decideConfigRemoval(registry, 's'));
    expect(configOf(registry, 's').guard).toBe(true);
    write([{ key: '{"keytype":"CONFIG","subject":"t","magic":0}', value: '{"guard":false}' }]);
    expect(configOf(registry, 't').guard).toBe(false);
  });

  test('modes are looked for at the same places', () => {
    write(decideMode(registry, '', { mode: 'READONLY', force: false }));
    expect([modeOf(registry, 's'), modeOf(registry, ':.c:s')]).toEqual(['READONLY', 'READWRITE']);
    write(decideMode(registry, everywhere, { mode: 'READONLY', force: false }));
    expect(modeOf(registry, ':.c:s')).toBe('READONLY');
    write(decideMode(registry, everywhere, { mode: null, force: false }));
    expect(modeOf(registry, ':.c:s')).toBe('READWRITE');
  });

  test('modes go one by one, or with all of a context', () => {
    for (const name of [':.c:', ':.c:s', ':.c:t', 'u']) write(decideMode(registry, name, { mode: 'READONLY', force: false }));
    write(decideModeRemoval(registry, ':.c:s'));
    expect(() => decideModeRemoval(registry, ':.c:s')).toThrow("Subject ':.c:s' not found.");
    write(decideModeRemoval(registry, ':.c:', true));
    expect(registry.modes.keys()).toEqual(['u']);
    expect(decideModeRemoval(registry, '')).toEqual([]);
  });
});

describe('contexts', () => {
  test('the first schema of one makes it known, in the bytes of Confluent', () => {
    register(':.c:s');
    register(':.c:t');
    const known = log.filter(({ key }) => key.includes('CONTEXT'));
    expect(known).toEqual([
      {
        key: '{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}',
        value: '{"tenant":"default","context":".c"}',
      },
    ]);
    expect(() => decideContextDeletion(registry, '.c')).toThrow("The specified context ':.c:' is not empty.");
    for (const subject of [':.c:s', ':.c:t'])
      for (const permanent of [false, true]) write(decideSubjectDeletion(registry, subject, permanent).records);
    write(decideContextDeletion(registry, '.c'));
    expect(registry.contexts.keys()).toEqual([]);
    expect(decideContextDeletion(registry, '.c')).toEqual([]);
  });

  test('what a schema of one refers to is there, unless another is named', () => {
    const named = (name: string): string => `{"type":"record","name":"${name}","fields":[]}`;
    register(':.c:base', named('Base'));
    register('far', named('Far'));
    const draft = (subject: string, name: string) => ({
      ...{ format: 'AVRO' as const, text: `{"type":"array","items":"${name}"}` },
      references: [{ name, subject, version: 1 }],
    });
    expect(() => readDraft(registry, 's', draft('base', 'Base'))).toThrow('No schema reference found');
    const candidate = readDraft(registry, ':.c:s', draft('base', 'Base'));
    write(decideRegistration(registry, ':.c:s', { candidate, given: null }).records);
    expect(registry.referrersOf({ subject: ':.c:base', version: 1 }, false)).toMatchObject([{ subject: ':.c:s', version: 1 }]);
    expect(() => decideSubjectDeletion(registry, ':.c:base', false)).toThrow('One or more references exist');
    expect(() => readDraft(registry, ':.c:t', draft('far', 'Far'))).toThrow('No schema reference found');
    expect(readDraft(registry, 't', draft(':.c:base', 'Base')).content.references).toHaveLength(1);
  });
});

describe('importing begins', () => {
  test('only where no schema is live, and with what was deleted gone for good', () => {
    register('s');
    register('t', '"long"');
    expect(() => decideMode(registry, '', { mode: 'IMPORT', force: false })).toThrow(
      'Cannot import since found existing subjects',
    );
    for (const subject of ['s', 't']) write(decideSubjectDeletion(registry, subject, false).records);
    write(decideMode(registry, 's', { mode: 'IMPORT', force: false }));
    expect(log.slice(-3)).toEqual([
      { key: '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', value: null },
      { key: '{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}', value: '{"subject":"s"}' },
      { key: '{"keytype":"MODE","subject":"s","magic":0}', value: '{"subject":"s","mode":"IMPORT"}' },
    ]);
    expect(registry.subjects.keys()).toEqual(['t']);
    expect(register('s', '"string"', 7)).toEqual([7, 1]);
    write(decideMode(registry, '', { mode: 'IMPORT', force: true }));
    expect(registry.subjects.keys()).toEqual(['t', 's']);
  });

  test('in all contexts, in one, or not while something is referred to', () => {
    register(':.c:s');
    register(':.d:s');
    for (const subject of [':.c:s', ':.d:s']) write(decideSubjectDeletion(registry, subject, false).records);
    write(decideMode(registry, ':.c:', { mode: 'IMPORT', force: false }));
    expect(registry.subjects.keys()).toEqual([':.d:s']);
    write(decideMode(registry, everywhere, { mode: 'IMPORT', force: false }));
    expect(registry.subjects.keys()).toEqual([]);
    registry = new Registry();
    register('base', '{"type":"record","name":"R","fields":[]}');
    const references = [{ name: 'R', subject: 'base', version: 1 }];
    const candidate = readDraft(registry, 's', { format: 'AVRO', text: '{"type":"array","items":"R"}', references });
    write(decideRegistration(registry, 's', { candidate, given: null }).records);
    for (const subject of ['s', 'base']) write(decideSubjectDeletion(registry, subject, false).records);
    expect(() => decideMode(registry, 'base', { mode: 'IMPORT', force: false })).toThrow('One or more references exist');
  });
});
