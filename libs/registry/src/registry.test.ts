import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SchemaFormat } from '@penstock/schema';
import { decideConfig, decideConfigRemoval, decideMode } from './decide-settings.ts';
import { decideSubjectDeletion, decideVersionDeletion } from './delete.ts';
import { type Draft, readDraft } from './draft.ts';
import { findVersion } from './find-version.ts';
import { applyRecord } from './fold.ts';
import { judge } from './judge.ts';
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

/** What a compacted topic still holds: the last value of each key, at its place; tombstones may be gone too. */
function compacted(withTombstones: boolean): RegistryRecord[] {
  const last = new Map(log.map(({ key }, index) => [key, index]));
  return log.filter(({ key, value }, index) => last.get(key) === index && (withTombstones || value !== null));
}

function replayed(records: readonly RegistryRecord[]): Registry {
  const fresh = new Registry();
  for (const record of records) applyRecord(fresh, record);
  return fresh;
}

const avro = (fields: string): Draft => ({ format: 'AVRO', text: `{"type":"record","name":"R","fields":[${fields}]}` });
const a = '{"name":"a","type":"int"}';
const b = '{"name":"b","type":["null","int"],"default":null}';

function register(
  subject: string,
  draft: Draft,
  given: { id: number | null; version?: number } | null = null,
): [id: number, version: number] {
  const candidate = readDraft(registry, subject, draft);
  const { id, version, records, verdict } = decideRegistration(registry, subject, { candidate, given });
  if ((verdict?.incompatibilities.length ?? 0) > 0) throw new Error('incompatible');
  write(records);
  return [id, version];
}

describe('registering', () => {
  test('the same schema again is the same id and version, in another subject the same id', () => {
    expect(register('s', avro(a))).toEqual([1, 1]);
    expect(register('s', { format: 'AVRO', text: ` { "name" : "R", "type": "record", "fields": [${a}] }` })).toEqual([1, 1]);
    expect(register('t', avro(a))).toEqual([1, 1]);
    expect(register('s', avro(`${a},${b}`))).toEqual([2, 2]);
    expect(log).toHaveLength(3);
  });

  test('a Protobuf schema in another order is the same; a JSON schema only when it is normalised', () => {
    const format: SchemaFormat = 'PROTOBUF';
    expect(register('p', { format, text: 'syntax="proto3"; message R { int32 a = 1; int32 b = 2; }' })).toEqual([1, 1]);
    expect(register('p', { format, text: 'syntax="proto3"; message R { int32 b = 2; int32 a = 1; }' })).toEqual([1, 1]);
    expect(register('q', { format, text: 'syntax="proto3"; message R { int32 b = 2; int32 a = 1; }' })).toEqual([1, 1]);
    write(decideConfig(registry, 'j', { compatibility: 'none' }));
    expect(register('j', { format: 'JSON', text: '{"type":"object","title":"x"}' })).toEqual([2, 1]);
    expect(register('j', { format: 'JSON', text: '{"title":"x","type":"object"}' })).toEqual([3, 2]);
    expect(register('j', { format: 'JSON', text: '{"title":"x","type":"object"}', normalize: true })).toEqual([3, 2]);
    expect(register('j', { format: 'JSON', text: '{"description":"","title":"x","type":"object"}', normalize: true })).toEqual([
      4, 3,
    ]);
  });

  test('references are followed, and are part of what a schema is', () => {
    register('base', { format: 'PROTOBUF', text: 'syntax="proto3"; message Base { int32 x = 1; }' });
    const text = 'syntax="proto3"; import "base.proto"; message R { Base base = 1; }';
    const references = [{ name: 'base.proto', subject: 'base', version: 1 }];
    expect(register('r', { format: 'PROTOBUF', text, references })).toEqual([2, 1]);
    expect(() => register('r', { format: 'PROTOBUF', text })).toThrow('base.proto');
    expect(() => register('r', { format: 'PROTOBUF', text, references: [{ ...references[0], version: 9 } as never] })).toThrow(
      'No schema reference found for subject "base" and version 9',
    );
    expect(() => decideVersionDeletion(registry, { subject: 'base', version: 1 }, false)).toThrow('One or more references exist');
    write(decideSubjectDeletion(registry, 'r', false).records);
    expect(decideVersionDeletion(registry, { subject: 'base', version: 1 }, false)).toHaveLength(1);
  });

  test('with a given id only where one is imported, and an id stands for one schema', () => {
    expect(() => register('s', avro(a), { id: 7 })).toThrow('not in import mode');
    write(decideMode(registry, 's', { mode: 'import', force: false }));
    expect(register('s', avro(a), { id: 7, version: 3 })).toEqual([7, 3]);
    expect(() => register('s', avro(b), { id: 7 })).toThrow('Overwrite new schema with id 7');
    expect(() => register('s', avro(b))).toThrow('not in read-write mode');
    expect(register('t', avro(b))).toEqual([8, 1]);
  });

  test.each(['', 'a\nb', 'x'.repeat(2_000), '\ud800'])('the subject %j is refused', (subject) => {
    expect(() => register(subject, avro(a))).toThrow('not a valid subject');
  });

  test('an unfit schema is refused with what is wrong', () => {
    expect(() => register('s', { format: 'AVRO', text: '{"type":"nope"}' })).toThrow(
      'Invalid schema of type AVRO with refs [], details: Avro schema: schema: there is no type nope',
    );
  });

  test('ids of contexts are their own', () => {
    expect(register('s', avro(a))).toEqual([1, 1]);
    expect(register('s', avro(`${a},${b}`))).toEqual([2, 2]);
    expect(register(':.ctx:s', avro(a))).toEqual([1, 1]);
    expect(register(':.ctx:t', avro(a))).toEqual([1, 1]);
    expect(register(':.ctx:u', avro(b))).toEqual([2, 1]);
  });

  test('what was deleted for good in a context is not given again there, and what an earlier build said counts in all', () => {
    for (const subject of [':.c:s', 's']) {
      register(subject, avro(a));
      register(subject, avro(`${a},${b}`));
      for (const permanent of [false, true]) write(decideSubjectDeletion(registry, subject, permanent).records);
    }
    registry = replayed(compacted(false));
    expect([register(':.c:s', avro(a)), register('s', avro(a)), register(':.d:s', avro(a))]).toEqual([
      ...[
        [3, 1],
        [3, 1],
        [1, 1],
      ],
    ]);
    write([{ key: '{"keytype":"NOOP","magic":0}', value: '{"idMax":70}' }]);
    expect(register(':.e:s', avro(a))).toEqual([71, 1]);
  });
});

describe('deleting', () => {
  test('softly first; then it may be registered again under its id, as a new version', () => {
    register('s', avro(a));
    write(decideVersionDeletion(registry, { subject: 's', version: 1 }, false));
    expect(findVersion(registry, 's', { candidate: readDraft(registry, 's', avro(a)), deleted: false })).toBeUndefined();
    expect(findVersion(registry, 's', { candidate: readDraft(registry, 's', avro(a)), deleted: true })?.version).toBe(1);
    expect(register('s', avro(a))).toEqual([1, 2]);
    expect(registry.versions('s').map(({ version }) => version)).toEqual([2]);
  });

  test.each([
    ['a version twice', () => decideVersionDeletion(registry, { subject: 's', version: 1 }, false), 'was soft deleted'],
    [
      'a version that is live, for good',
      () => decideVersionDeletion(registry, { subject: 's', version: 2 }, true),
      'not deleted first',
    ],
    [
      'a version that is not there',
      () => decideVersionDeletion(registry, { subject: 's', version: 9 }, false),
      'Version 9 not found.',
    ],
    ['no subject', () => decideVersionDeletion(registry, { subject: 'x', version: 1 }, false), "Subject 'x' not found."],
    ['a live subject for good', () => decideSubjectDeletion(registry, 's', true), 'not deleted first'],
    ['an unknown subject', () => decideSubjectDeletion(registry, 'x', false), "Subject 'x' not found."],
  ])('%s', (_, attempt, message) => {
    register('s', avro(a));
    register('s', avro(`${a},${b}`));
    write(decideVersionDeletion(registry, { subject: 's', version: 1 }, false));
    expect(attempt).toThrow(message);
  });

  test('a subject takes its settings along when it goes for good', () => {
    register('s', avro(a));
    write(decideConfig(registry, 's', { compatibility: 'FULL', guard: false }));
    write(decideMode(registry, 's', { mode: 'READWRITE', force: false }));
    const { records, versions } = decideSubjectDeletion(registry, 's', false);
    write(records);
    expect(versions).toEqual([1]);
    expect(configOf(registry, 's')).toMatchObject({ level: 'FULL', guard: false });
    expect(() => decideSubjectDeletion(registry, 's', false)).toThrow('was soft deleted');
    write(decideVersionDeletion(registry, { subject: 's', version: 1 }, true));
    expect(configOf(registry, 's')).toMatchObject({ level: 'BACKWARD', guard: true });
    expect(registry.modes.get('s')).toBeUndefined();
  });

  test('what refers to a version keeps it, though deleted, until it goes as well', () => {
    const reference = { name: 'R', subject: 's', version: 1 };
    register('s', avro(a));
    register('t', { format: 'AVRO', text: '{"type":"array","items":"R"}', references: [reference] });
    expect(() => decideSubjectDeletion(registry, 's', false)).toThrow('One or more references exist');
    write(decideSubjectDeletion(registry, 't', false).records);
    write(decideSubjectDeletion(registry, 's', false).records);
    expect(() => decideSubjectDeletion(registry, 's', true)).toThrow('One or more references exist');
    write(decideSubjectDeletion(registry, 't', true).records);
    write(decideSubjectDeletion(registry, 's', true).records);
    expect(registry.subjects.keys()).toEqual([]);
  });

  test('what was deleted is not referred to anew, unless new schemas are not validated', () => {
    register('s', avro(a));
    write(decideSubjectDeletion(registry, 's', false).records);
    const text = '{"type":"array","items":"R"}';
    const draft: Draft = { format: 'AVRO', text, references: [{ name: 'R', subject: 's', version: 1 }] };
    expect(() => register('t', draft)).toThrow('No schema reference found for subject "s" and version 1');
    write(decideConfig(registry, 't', { validateNewSchemas: false }));
    expect(register('t', draft)).toEqual([2, 1]);
  });

  test('a subject that refers to itself goes as a whole', () => {
    write(decideConfig(registry, 's', { compatibility: 'NONE' }));
    register('s', avro(a));
    const reference = { name: 'R', subject: 's', version: -1 };
    register('s', { format: 'AVRO', text: '{"type":"array","items":"R"}', references: [reference] });
    expect(registry.version('s', 2)?.content.references).toEqual([{ ...reference, version: 1 }]);
    expect(() => decideVersionDeletion(registry, { subject: 's', version: 1 }, false)).toThrow('One or more references exist');
    write(decideSubjectDeletion(registry, 's', false).records);
    expect(decideSubjectDeletion(registry, 's', true).versions).toEqual([1, 2]);
  });

  test('what is gone for good has an id that is never given again, also after compaction', () => {
    register('s', avro(a));
    register('s', avro(`${a},${b}`));
    write(decideSubjectDeletion(registry, 's', false).records);
    write(decideSubjectDeletion(registry, 's', true).records);
    expect(registry.versions('s')).toEqual([]);
    registry = replayed(compacted(false));
    expect(register('s', avro(a))).toEqual([3, 1]);
  });

  test('a key that others wrote in other bytes does not come back', () => {
    const theirs = '{"subject":"s","version":1,"magic":1,"keytype":"SCHEMA"}';
    write([{ key: theirs, value: '{"subject":"s","version":1,"id":5,"schema":"\\"int\\"","deleted":true}' }]);
    expect(registry.version('s', 1)).toMatchObject({ deleted: true });
    write(decideVersionDeletion(registry, { subject: 's', version: 1 }, true));
    expect(replayed(compacted(false)).versions('s')).toEqual([]);
  });
});

describe('settings and modes', () => {
  test('a subject inherits what it does not say', () => {
    expect(configOf(registry, 's')).toMatchObject({ level: 'BACKWARD', normalize: false, guard: true });
    write(decideConfig(registry, '', { compatibility: 'full', normalize: true }));
    write(decideConfig(registry, 's', { guard: false }));
    expect(configOf(registry, 's')).toMatchObject({ level: 'FULL', normalize: true, guard: false });
    write(decideConfigRemoval(registry, 's'));
    expect(configOf(registry, 's')).toMatchObject({ guard: true });
    expect(() => decideConfigRemoval(registry, 's')).toThrow("Subject 's' not found.");
    expect(() => decideConfig(registry, 's', { compatibility: 'sideways' })).toThrow('Invalid compatibility level');
  });

  test('nothing is written to what may only be read', () => {
    register('s', avro(a));
    write(decideMode(registry, '', { mode: 'READONLY', force: false }));
    expect(register('s', avro(a))).toEqual([1, 1]);
    expect(() => register('s', avro(b))).toThrow('is in read-only mode');
    expect(() => decideSubjectDeletion(registry, 's', false)).toThrow('read-only');
    write(decideMode(registry, 's', { mode: 'READWRITE', force: false }));
    expect(register('s', avro(`${a},${b}`))).toEqual([2, 2]);
    write(decideMode(registry, '', { mode: 'READONLY_OVERRIDE', force: false }));
    expect(modeOf(registry, 's')).toBe('READONLY_OVERRIDE');
    expect(() => decideMode(registry, 's', { mode: 'IMPORT', force: false })).toThrow('Cannot import');
    expect(() => decideMode(registry, 's', { mode: 'NO', force: false })).toThrow('Invalid mode');
  });
});

describe('the topic', () => {
  test('keys and values are byte for byte those of Confluent', () => {
    register('s', avro(a));
    register('p', { format: 'PROTOBUF', text: 'syntax="proto3"; message R {}' });
    write(decideConfig(registry, '', { compatibility: 'NONE' }));
    write(decideConfig(registry, 's', { compatibility: 'NONE' }));
    write(decideMode(registry, 's', { mode: 'READWRITE', force: false }));
    write(decideSubjectDeletion(registry, 'p', false).records);
    expect(log).toEqual([
      {
        key: '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
        value: `{"subject":"s","version":1,"id":1,"schema":${JSON.stringify(avro(a).text)},"deleted":false}`,
      },
      {
        key: '{"keytype":"SCHEMA","subject":"p","version":1,"magic":1}',
        value:
          '{"subject":"p","version":1,"id":2,"schemaType":"PROTOBUF","schema":"syntax=\\"proto3\\"; message R {}","deleted":false}',
      },
      { key: '{"keytype":"CONFIG","subject":null,"magic":0}', value: '{"compatibilityLevel":"NONE"}' },
      { key: '{"keytype":"CONFIG","subject":"s","magic":0}', value: '{"subject":"s","compatibilityLevel":"NONE"}' },
      { key: '{"keytype":"MODE","subject":"s","magic":0}', value: '{"subject":"s","mode":"READWRITE"}' },
      { key: '{"keytype":"DELETE_SUBJECT","subject":"p","magic":0}', value: '{"subject":"p","version":1}' },
    ]);
  });

  test('what others add is read over, what is none of theirs is refused and changes nothing', () => {
    write([
      {
        key: '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1,"later":true}',
        value: '{"subject":"s","version":1,"id":3,"md5":"x","guid":"y","schema":"\\"int\\"","deleted":false,"metadata":null}',
      },
      { key: '{"keytype":"NOOP","magic":0}', value: null },
      { key: '{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}', value: '{"subject":"s"}' },
    ]);
    expect(registry.versions('s')).toHaveLength(1);
    for (const record of [
      { key: 'no json', value: '{}' },
      { key: '{"keytype":"SCHEMA","subject":"s","version":0,"magic":1}', value: '{}' },
      { key: '{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}', value: '{"id":1}' },
      { key: '{"keytype":"CONFIG","subject":null,"magic":0}', value: '{"compatibilityLevel":"SIDEWAYS"}' },
    ]) {
      expect(() => applyRecord(registry, record)).toThrow(expect.objectContaining({ code: 'registry.bad-record' }));
    }
    expect(registry.versions('s')).toHaveLength(1);
  });

  test('two schemas under one id are both served as they are', () => {
    const value = (subject: string, schema: string): string =>
      JSON.stringify({ subject, version: 1, id: 1, schema, deleted: false });
    write([
      { key: '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', value: value('s', '"int"') },
      { key: '{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}', value: value('t', '"long"') },
    ]);
    expect([registry.version('s', 1)?.content.text, registry.version('t', 1)?.content.text]).toEqual(['"int"', '"long"']);
    expect(registry.contents.get('./1')?.text).toBe('"int"');
  });
});

test('what is about to happen does not touch what is', () => {
  register('s', avro(a));
  const ahead = new Registry(registry);
  const candidate = readDraft(ahead, 's', avro(`${a},${b}`));
  for (const record of decideRegistration(ahead, 's', { candidate, given: null }).records) applyRecord(ahead, record);
  for (const record of decideConfig(ahead, 's', { compatibility: 'FULL' })) applyRecord(ahead, record);
  expect(decideRegistration(ahead, 't', { candidate: readDraft(ahead, 't', avro(b)), given: null }).id).toBe(3);
  expect(decideRegistration(ahead, 't', { candidate: readDraft(ahead, 't', avro(`${a},${b}`)), given: null }).id).toBe(2);
  expect(ahead.versions('s')).toHaveLength(2);
  expect(registry.versions('s')).toHaveLength(1);
  expect(configOf(registry, 's').level).toBe('BACKWARD');
  for (const record of decideSubjectDeletion(ahead, 's', false).records) applyRecord(ahead, record);
  expect(ahead.subjects.keys()).toEqual(['s']);
  expect(registry.version('s', 1)?.deleted).toBe(false);
});

test('what was judged before is judged anew when the versions or the level are others', () => {
  const c = '{"name":"c","type":"int"}';
  const judged = (fields: string): number => {
    const candidate = readDraft(registry, 's', avro(fields));
    return judge(registry, 's', { candidate }).incompatibilities.length;
  };
  register('s', avro(`${a},${c}`));
  expect([judged(a), judged(a), judged(`${a},${c}`)]).toEqual([0, 0, 0]);
  register('s', avro(a));
  expect([judged(`${a},${c}`), judged(`${a},${c}`)]).toEqual([1, 1]);
  write(decideConfig(registry, 's', { compatibility: 'FORWARD' }));
  expect(judged(`${a},${c}`)).toBe(0);
});

test('what others set stays when something else is set, and modes are those that others read', () => {
  write([{ key: '{"keytype":"CONFIG","subject":"s","magic":0}', value: '{"aliasForDeks":"d","validateNewSchemas":true}' }]);
  write(decideConfig(registry, 's', { compatibility: 'FULL' }));
  expect(registry.configs.get('s')).toMatchObject({ aliasForDeks: 'd', validateNewSchemas: true, compatibilityLevel: 'FULL' });
  expect(() => decideMode(registry, 's', { mode: 'READWRITE_OVERRIDE', force: false })).toThrow('Invalid mode');
});

test('in FORWARD mode, as in IMPORT, ids come from elsewhere', () => {
  expect(() => decideMode(registry, 's', { mode: 'FORWARD', force: false })).toThrow('only supported on global level');
  write(decideMode(registry, ':.__GLOBAL:', { mode: 'FORWARD', force: false }));
  const candidate = readDraft(registry, 's', avro(a));
  expect(() => decideRegistration(registry, 's', { candidate, given: null })).toThrow('not in read-write mode');
  expect(decideRegistration(registry, 's', { candidate, given: { id: 7, version: 3 } })).toMatchObject({ id: 7, version: 3 });
});
