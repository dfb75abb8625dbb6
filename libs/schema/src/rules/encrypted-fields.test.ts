import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { encryptedFields } from './encrypted-fields.ts';

const rule = { name: 'hide', type: 'ENCRYPT', kind: 'TRANSFORM', mode: 'WRITEREAD', tags: ['PII'] };

const texts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: '{"type":"record","name":"R","namespace":"a","fields":[{"name":"owner","type":["null","string"],"confluent:tags":["PII"]},{"name":"roomName","type":"string"},{"name":"badge","type":"string"}]}',
  PROTOBUF:
    'syntax="proto3"; package a; import "confluent/meta.proto"; message R { string owner = 1 [(confluent.field_meta).tags = "PII"]; string room_name = 2; string badge = 3; }',
  JSON: '{"title":"a.R","type":"object","properties":{"owner":{"$ref":"#/$defs/person"},"roomName":{"type":"string"},"badge":{"type":"string"}},"$defs":{"person":{"type":"string","confluent:tags":["PII"]}}}',
};

function hidden(format: SchemaFormat, domainRules: readonly object[], tags: object = {}): readonly string[] {
  return encryptedFields(
    parseSchema({ format, text: texts[format], contract: { metadata: { tags }, ruleSet: { domainRules } } }),
  );
}

describe.each(['AVRO', 'PROTOBUF', 'JSON'] as const)('%s', (format) => {
  test('fields are encrypted by their tags in the text, and by their paths', () => {
    expect(hidden(format, [rule])).toEqual(['owner']);
    expect(hidden(format, [rule], { '**.badge': ['PII'] })).toEqual(['owner', 'badge']);
    expect(hidden(format, [{ ...rule, tags: [] }])).toEqual(['owner', 'roomName', 'badge']);
  });

  test('and by no rule of another type or tag, nor by one that is off', () => {
    expect(
      hidden(format, [
        { ...rule, type: 'CEL_FIELD' },
        { ...rule, tags: ['OTHER'] },
        { ...rule, disabled: true },
      ]),
    ).toEqual([]);
  });
});

test.each([
  ['{doc: "one of tags: [those", tags: ["PII"]}'],
  ['{tags: ["A]B", "PII"]}'],
  ["{tags: 'A' tags: 'P' 'II'}"],
  ['{params: [{key: "tags", value: "OTHER"}], tags: ["HR", "PII"]}'],
])('tags of Protobuf are found however they are written: %s', (meta) => {
  const text = `syntax="proto3"; import "confluent/meta.proto"; message R { string a = 1 [(confluent.field_meta) = ${meta}]; string b = 2 [(confluent.field_meta) = {doc: "tags: [\\"PII\\"]"}]; }`;
  const contract = { metadata: null, ruleSet: { domainRules: [rule] } };
  expect(encryptedFields(parseSchema({ format: 'PROTOBUF', text, contract }))).toEqual(['a']);
});
