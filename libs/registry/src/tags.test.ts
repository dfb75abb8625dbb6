import { expect, test } from '@jest/globals';
import { changeTags, type SchemaTags, tagsIn } from './tags.ts';

const at = (entityType: 'sr_record' | 'sr_field', entityPath: string, ...tags: string[]): SchemaTags => ({
  schemaEntity: { entityPath, entityType },
  tags,
});
const change = (format: 'AVRO' | 'JSON', json: unknown, ...[add, remove = []]: SchemaTags[][]): string =>
  changeTags(format, typeof json === 'string' ? json : JSON.stringify(json), { add: add ?? [], remove });

const inner = { type: 'record', name: 'Inner', fields: [{ name: 'x', type: 'long', default: 1 }] };
const avro = {
  ...{ type: 'record', name: 'R', namespace: 'ns' },
  fields: [
    { name: 'a', type: 'string' },
    { name: 'in', type: ['null', { type: 'array', items: inner }] },
  ],
};

test('tags of Avro are added and found by full names, those of records within included', () => {
  const added = [at('sr_record', 'ns.R', 'HR'), at('sr_field', 'ns.R.a', 'PII', 'GDPR'), at('sr_field', 'ns.Inner.x', 'X')];
  const text = change('AVRO', avro, added);
  expect(tagsIn('AVRO', text)).toEqual(added);
  const without = change('AVRO', text, [at('sr_field', '.ns.R.a', 'PII')], [at('sr_field', 'R.a', 'PII', 'GDPR')]);
  expect(tagsIn('AVRO', without)).toEqual([added[0], added[2]]);
  expect(JSON.parse(without).fields[0]).toEqual({ name: 'a', type: 'string' });
});

test('tags of JSON Schema are added and found by the way to them', () => {
  const item = { type: 'object', properties: { street: { type: 'string' } } };
  const json = { type: 'object', properties: { list: { type: 'array', items: item }, one: item }, definitions: { Item: item } };
  const added = [
    at('sr_record', 'object', 'Root'),
    at('sr_field', 'object.list', 'L'),
    at('sr_record', 'object.list.array.object', 'I'),
    at('sr_field', 'object.one.object.street', 'S'),
    at('sr_field', 'object.definitions.Item.object.street', 'D'),
  ];
  expect(tagsIn('JSON', change('JSON', json, added))).toEqual(added);
});

test('a place that is not there is said, and numbers keep their digits', () => {
  expect(() => change('AVRO', avro, [at('sr_field', 'ns.R.none', 'T')])).toThrow("No matching path 'ns.R.none' found");
  expect(() => change('AVRO', avro, [at('sr_field', 'other.R.a', 'T')])).toThrow('No matching path');
  expect(() => changeTags('PROTOBUF', 'syntax="proto3";', { add: [at('sr_record', 'R', 'T')], remove: [] })).toThrow('Protobuf');
  const text = '{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9007199254740993}]}';
  expect(change('AVRO', text, [at('sr_record', 'R', 'T')])).toContain('9007199254740993');
});

test.each([
  ['a text without end', '{'],
  ['what is not JSON', 'record'],
  ['brackets without end', '['.repeat(300_000) + ']'.repeat(300_000)],
])('%s is no text that tags are put into', (_, text) => {
  const message = expect.stringContaining('tags cannot be put into');
  const said = expect.objectContaining({ code: 'registry.invalid-schema', message });
  expect(() => change('AVRO', text, [at('sr_record', 'R', 'T')])).toThrow(said);
});

test('many tags are put into many places', () => {
  const names = Array.from({ length: 15_000 }, (_, index) => `f${index}`);
  const wide = { type: 'record', name: 'R', namespace: 'ns', fields: names.map((name) => ({ name, type: 'int' })) };
  const text = change(
    'AVRO',
    wide,
    [...names, ...names].map((name, index) => at('sr_field', `R.${name}`, `T${index % 7}`)),
  );
  expect(tagsIn('AVRO', text)).toHaveLength(15_000);
});
