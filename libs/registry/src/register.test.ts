import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseRuleSet } from './contract.ts';
import { decideConfig, decideMode } from './decide-settings.ts';
import { decideVersionDeletion } from './delete.ts';
import { type Draft, fillDraft, readDraft } from './draft.ts';
import { lookUpVersion } from './find-version.ts';
import { applyRecord } from './fold.ts';
import { type Verdict } from './judge.ts';
import { decideRegistration, type Import } from './register.ts';
import { Registry } from './registry.ts';

let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
});

const avro = (fields: string, more: Partial<Draft> = {}): Draft => ({
  ...{ format: 'AVRO', text: `{"type":"record","name":"R","fields":[${fields}]}` },
  ...more,
});
const a = '{"name":"a","type":"int"}';
const b = '{"name":"b","type":["null","int"],"default":null}';

function decide(draft: Draft, given: Import | null = null): Verdict | null {
  const candidate = readDraft(registry, 's', fillDraft(registry, 's', draft));
  const { records, verdict } = decideRegistration(registry, 's', { candidate, given });
  for (const record of records) applyRecord(registry, record);
  return verdict;
}

function register(draft: Draft, version?: number): number {
  decide(draft, version === undefined ? null : { id: null, version });
  return registry.versions('s').length;
}

const metadata = (version: number): unknown => registry.version('s', version)?.content.metadata;

describe('metadata that name the version', () => {
  test('where it was asked for, and in all that follow', () => {
    expect(register(avro(a), -1)).toBe(1);
    expect(metadata(1)).toEqual({ properties: { 'confluent:version': '1' } });
    expect(register(avro(a))).toBe(1);
    expect(register(avro(a), -1)).toBe(1);
    expect(register(avro(`${a},${b}`))).toBe(2);
    expect(metadata(2)).toEqual({ properties: { 'confluent:version': '2' } });
    expect(register(avro(`${a},${b}`), 3)).toBe(3);
    expect(() => register(avro(a), 3)).toThrow('Version is not one more than previous version');
    expect(() => register(avro(a), 9)).toThrow('Version is not one more than previous version');
  });

  test('a schema is found without it, and with the right one', () => {
    register(avro(a), -1);
    register(avro(`${a},${b}`));
    const found = (draft: Draft): number | undefined =>
      lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', draft), deleted: false })?.version;
    const named = (version: string): Partial<Draft> => ({ metadata: { properties: { 'confluent:version': version } } });
    expect([found(avro(a)), found(avro(`${a},${b}`))]).toEqual([1, 2]);
    expect([found(avro(a, named('1'))), found(avro(a, named('2')))]).toEqual([1, undefined]);
    registry = new Registry();
    register(avro(a));
    expect([found(avro(a, named('1'))), found(avro(a, named('2')))]).toEqual([1, undefined]);
  });
});

/** The steps of `testConfluentVersion` in Confluent's RestApiTest: what is asked, and the id or version that it must come to. */
describe('one schema over and over, with versions and metadata, is', () => {
  type Properties = Readonly<Record<string, string>> | null;
  const named = (version: string): Properties => ({ 'confluent:version': version });
  const draftOf = (properties: Properties): Draft => avro(a, properties === null ? {} : { metadata: { properties } });
  const idOf = (version: number, properties: Properties): number => {
    const candidate = readDraft(registry, 's', draftOf(properties));
    const { id, records } = decideRegistration(registry, 's', { candidate, given: version === 0 ? null : { id: null, version } });
    for (const record of records) applyRecord(registry, record);
    return id;
  };
  const foundWith = (properties: Properties): number | undefined =>
    lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', draftOf(properties)), deleted: false })?.version;
  const remove = (version: number): void => {
    for (const record of decideVersionDeletion(registry, { subject: 's', version }, false)) applyRecord(registry, record);
  };

  test('what Confluent makes of it', () => {
    expect([idOf(0, null), idOf(-1, null), idOf(2, null), idOf(-1, null)]).toEqual([1, 1, 2, 2]);
    expect(metadata(2)).toEqual({ properties: named('2') });
    expect([foundWith(null), foundWith(named('1')), foundWith(named('2'))]).toEqual([1, 1, 2]);
    remove(1);
    expect([foundWith(null), idOf(0, null), idOf(3, null), idOf(-1, null), idOf(-1, null)]).toEqual([2, 2, 3, 3, 3]);
    expect(() => idOf(3, null)).toThrow('Version is not one more than previous version');
    expect([idOf(4, null), foundWith(null), idOf(0, named('-1'))]).toEqual([4, 4, 5]);
    expect([idOf(0, named('2')), idOf(0, named('3')), idOf(0, named('0'))]).toEqual([2, 3, 6]);
    expect(metadata(6)).toEqual({ properties: named('6') });
    expect([idOf(0, {}), idOf(0, { mine: 'x' }), idOf(-1, null)]).toEqual([6, 7, 8]);
    expect([metadata(7), metadata(8)]).toEqual([{ properties: { mine: 'x' } }, { properties: { mine: 'x', ...named('8') } }]);
    expect(foundWith({ mine: 'x' })).toBe(7);
    remove(7);
    expect(foundWith({ mine: 'x' })).toBe(8);
    const described = { ...draftOf(null), text: draftOf(null).text.replace('"name":"R"', '"name":"R","doc":"d"') };
    expect(lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', described), deleted: false })).toBeUndefined();
  });
});

test('Avro that writes out what it refers to is the same as with references', () => {
  const inner = '{"type":"record","name":"ns.Inner","fields":[{"name":"x","type":"int"}]}';
  const candidate = readDraft(registry, 'inner', { format: 'AVRO', text: inner });
  for (const record of decideRegistration(registry, 'inner', { candidate, given: null }).records) applyRecord(registry, record);
  const references = [{ name: 'ns.Inner', subject: 'inner', version: 1 }];
  const properties = { owner: 'us' };
  register(avro('{"name":"in","type":"ns.Inner"}', { references, metadata: { properties } }));
  const whole = avro(`{"name":"in","type":${inner}}`, { metadata: { properties } });
  expect(lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', whole), deleted: false })?.version).toBe(1);
  expect(register(whole)).toBe(1);
  const other = { ...whole, metadata: { properties: { owner: 'them' } } };
  expect(lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', other), deleted: false })).toBeUndefined();
});

test('defaults and namespaces of Avro that are none are refused where they are new, and only there', () => {
  const wrong = '{"name":"a","type":"int","default":"none"}';
  for (const text of [avro(wrong).text, avro(a).text.replace('"R"', '"R","namespace":"a-b"')]) {
    const draft = avro('', { text });
    expect(() => register(draft)).toThrow('Invalid schema of type AVRO');
    expect(readDraft(registry, 's', { ...draft, isSought: true }).content.text).toBe(text);
  }
  for (const record of decideConfig(registry, 's', { validateNewSchemas: false })) applyRecord(registry, record);
  expect(register(avro(wrong))).toBe(1);
  for (const record of decideConfig(registry, 's', { validateNewSchemas: true })) applyRecord(registry, record);
  expect(register(avro(a))).toBe(2);
  expect(() => register(avro(`${a},${wrong.replace('"a"', '"b"')}`))).toThrow('Invalid schema of type AVRO');
  for (const record of decideMode(registry, 's', { mode: 'IMPORT', force: true })) applyRecord(registry, record);
  decide(avro(`${a},${wrong.replace('"a"', '"b"')}`), { id: 77, version: 9 });
  expect(registry.version('s', 9)?.content.id).toBe(77);
});

test('Avro is stored as Confluent prints it, whatever order it came in', () => {
  const text = '{"fields":[{"type":{"type":"int"},"name":"a"}],"name":"R","type":"record"}';
  expect(register({ format: 'AVRO', text })).toBe(1);
  expect(registry.version('s', 1)?.content.text).toBe(avro(a).text);
  expect(register(avro(a))).toBe(1);
});

test('normalised references have one order, and each is there once', () => {
  for (const subject of ['one', 'two']) {
    const text = `{"type":"record","name":"${subject}","fields":[]}`;
    const candidate = readDraft(registry, subject, { format: 'AVRO', text });
    for (const record of decideRegistration(registry, subject, { candidate, given: null }).records) applyRecord(registry, record);
  }
  const [one, two] = ['one', 'two'].map((name) => ({ name, subject: name, version: 1 }));
  if (one === undefined || two === undefined) throw new Error('two references');
  const fields = '{"name":"a","type":"one"},{"name":"b","type":"two"}';
  register(avro(fields, { references: [one, two], normalize: true }));
  const found = (draft: Draft): number | undefined =>
    lookUpVersion(registry, 's', { candidate: readDraft(registry, 's', draft), deleted: false })?.version;
  expect(found(avro(fields, { references: [two, one, two], normalize: true }))).toBe(1);
  expect(found(avro(fields, { references: [two, one] }))).toBeUndefined();
});

test('what is imported is not normalised, whatever is set or asked for', () => {
  const text = '{"type":"record","name":"R","fields":[{"name":"a","type":"int","z":1,"b":1}]}';
  for (const record of decideConfig(registry, 's', { normalize: true })) applyRecord(registry, record);
  const textOf = (): string => readDraft(registry, 's', { format: 'AVRO', text, normalize: true }).content.text;
  expect(textOf()).not.toBe(text);
  for (const record of decideMode(registry, 's', { mode: 'IMPORT', force: false })) applyRecord(registry, record);
  expect(textOf()).toBe(text);
});

test('a text that is empty means the one before it', () => {
  expect(() => register({ format: 'AVRO', text: ' ' })).toThrow('Empty schema');
  register(avro(a));
  const properties = { owner: 'us' };
  expect(register({ format: 'JSON', text: '', metadata: { properties } })).toBe(2);
  expect(registry.version('s', 2)?.content).toMatchObject({ format: 'AVRO', text: avro(a).text, metadata: { properties } });
});

describe('names of fields', () => {
  const types = (verdict: Verdict | null): string[] => verdict?.incompatibilities.map(({ type }) => type) ?? [];
  const reserving = (names: string): Partial<Draft> => ({ metadata: { properties: { 'confluent:reserved': names } } });

  test('are looked at only where it is set, and then whatever the level', () => {
    register(avro(a, reserving('x')));
    expect(types(decide(avro(`${a},${b}`, reserving('b'))))).toEqual([]);
    for (const record of decideConfig(registry, 's', { validateFields: true, compatibility: 'NONE' }))
      applyRecord(registry, record);
    expect(types(decide(avro(a, reserving('b, a'))))).toEqual(['FIELD_CONFLICTS_WITH_RESERVED_FIELD']);
    expect(types(decide(avro('', reserving('c'))))).toEqual(['RESERVED_FIELD_REMOVED', 'RESERVED_FIELD_REMOVED']);
  });

  test('of JSON Schema do not begin with $$', () => {
    const draft: Draft = { format: 'JSON', text: '{"type":"object","properties":{"$$a":{}}}' };
    for (const record of decideConfig(registry, '', { validateFields: true })) applyRecord(registry, record);
    expect(() => register(draft)).toThrow('Field names cannot start with $$ prefix');
  });
});

describe('rules are refused', () => {
  const rule = (more: object): object => ({ name: 'r', type: 'CEL', expr: 'true', ...more });
  test.each([
    ['a name in two lists', { domainRules: [rule({})], encodingRules: [rule({})] }, "duplicate name 'r'"],
    ['a name that is too long', { domainRules: [rule({ name: 'r'.repeat(257) })] }, 'Rule name too long'],
    ['no name', { domainRules: [rule({ name: null })] }, 'Missing rule name'],
    ['an empty name', { domainRules: [rule({ name: '' })] }, 'Empty rule name'],
    ['a digit at the front', { domainRules: [rule({ name: '1r' })] }, 'Illegal initial character'],
    ['a dot', { domainRules: [rule({ name: 'r.s' })] }, 'Illegal character'],
    ['two actions of one mode', { domainRules: [rule({ mode: 'WRITE', onFailure: 'NONE,ERROR' })] }, 'Multiple actions'],
    [
      'too many',
      { domainRules: Array.from({ length: 1_001 }, (_, index) => rule({ name: `r${index}` })) },
      'Domain rules: expected at most 1000, got 1001',
    ],
    ['a mode of the other list', { migrationRules: [rule({ mode: 'READ' })] }, 'can only be UPGRADE'],
  ])('%s', (_, ruleSet, message) => {
    expect(() => parseRuleSet(ruleSet)).toThrow(message);
  });

  test('but two actions of two modes are not, and a name may be 256 long', () => {
    const name = 'r'.repeat(256);
    expect(parseRuleSet({ domainRules: [rule({ name, onFailure: 'NONE,ERROR' })] })).toMatchObject({ domainRules: [{ name }] });
  });
});

test('what was deleted and is referred to stays beside the same under its id', () => {
  const text = '{"type":"array","items":"R"}';
  const references = [{ name: 'R', subject: 's', version: 1 }];
  register(avro(a));
  const candidate = readDraft(registry, 'list', { format: 'AVRO', text, references });
  for (const record of decideRegistration(registry, 'list', { candidate, given: null }).records) applyRecord(registry, record);
  for (const subject of ['list', 's'])
    for (const record of decideVersionDeletion(registry, { subject, version: 1 }, false)) applyRecord(registry, record);
  register(avro(a));
  expect(registry.versions('s')).toMatchObject([
    { version: 1, deleted: true },
    { version: 2, deleted: false },
  ]);
});

test('what was deleted makes place for the same under its id', () => {
  register(avro(a));
  for (const record of decideVersionDeletion(registry, { subject: 's', version: 1 }, false)) applyRecord(registry, record);
  register(avro(a));
  expect(registry.versions('s')).toMatchObject([{ version: 2, deleted: false, content: { id: 1 } }]);
});

test.each(['defaultRuleSet', 'overrideRuleSet'])(
  'rules that come from the %s are read for the schema before it is stored',
  (setting) => {
    const rule = (expr: string): object => ({
      domainRules: [{ name: 'r', kind: 'CONDITION', type: 'CEL', mode: 'WRITE', expr }],
    });
    const set = (expr: string): void => {
      for (const record of decideConfig(registry, 's', { [setting]: rule(expr) })) applyRecord(registry, record);
    };
    set('message.');
    expect(() => register(avro(a))).toThrow(expect.objectContaining({ code: 'registry.invalid-rule-set' }));
    expect(registry.versions('s')).toHaveLength(0);
    set('message.a > 1');
    expect(register(avro(a))).toBe(1);
  },
);
