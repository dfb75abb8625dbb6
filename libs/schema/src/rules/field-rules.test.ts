import { describe, expect, test } from '@jest/globals';
import { type Field, Rows } from '@penstock/kernel';
import { createDecoder } from '../codec.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import { openRecordForm } from './record-form.ts';

const texts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: JSON.stringify({
    ...{ type: 'record', name: 'R', namespace: 'p' },
    fields: [
      { name: 'owner', type: 'string', 'confluent:tags': ['PII'] },
      { name: 'room', type: 'string' },
      {
        name: 'inner',
        type: {
          type: 'record',
          name: 'I',
          fields: [{ name: 'mails', type: { type: 'array', items: 'string' }, 'confluent:tags': ['PII'] }],
        },
      },
    ],
  }),
  JSON: JSON.stringify({
    type: 'object',
    properties: {
      owner: { type: 'string', 'confluent:tags': ['PII'] },
      room: { type: 'string' },
      inner: { type: 'object', properties: { mails: { type: 'array', items: { type: 'string' }, 'confluent:tags': ['PII'] } } },
    },
    required: ['owner', 'room'],
  }),
  PROTOBUF: `syntax = "proto3"; package p; import "confluent/meta.proto";
    message R { string owner = 1 [(confluent.field_meta).tags = "PII"]; string room = 2; I inner = 3; }
    message I {
      repeated string mails = 1 [(confluent.field_meta) = { tags: ["PII"] }];
      map<string, string> names = 2 [(confluent.field_meta) = { doc: "who" tags: ["PII"] }];
    }`,
};
const formats = Object.keys(texts) as SchemaFormat[];
const record = { owner: 'ann', room: 'attic', inner: { mails: ['a@b', 'c@d'] } };
const fields: Field[] = ['owner', 'room'].map((name) => ({ name, type: 'string', nullable: false }));
const bindings = fields.map((field, slot) => ({ field, slot }));

type Rule = Readonly<Record<string, unknown>>;

function schemaOf(format: SchemaFormat, rule: Rule | null, tags: object = {}): Schema {
  const domainRules = rule === null ? [] : [{ name: 'r', type: 'CEL_FIELD', mode: 'READ', ...rule }];
  return parseSchema({ format, text: texts[format], contract: { metadata: { tags }, ruleSet: { domainRules } } });
}

function bytesOf(format: SchemaFormat): Uint8Array {
  // The bytes of the record above, by hand for Protobuf: what is written must not depend on what is tested.
  if (format !== 'PROTOBUF') return openRecordForm(schemaOf(format, null)).write(record);
  return Buffer.from('0a03616e6e' + '12056174746963' + '1a0a' + '0a03614062' + '0a03634064', 'hex');
}

function read(schema: Schema): unknown {
  const rows = new Rows(fields);
  rows.reset(1);
  createDecoder(schema, bindings).decode(bytesOf(schema.format), rows, 0);
  return [rows.values(0)[0], rows.values(1)[0]];
}

describe.each(formats)('rules on fields of %s', (format) => {
  const upper = { kind: 'TRANSFORM', expr: "typeName == 'STRING' ; value.upperAscii()" };

  test('change what has their tag, inline or by a path, and nothing else', () => {
    expect(read(schemaOf(format, null))).toEqual(['ann', 'attic']);
    expect(read(schemaOf(format, { ...upper, tags: ['PII'] }))).toEqual(['ANN', 'attic']);
    expect(read(schemaOf(format, { ...upper, tags: ['PLACE'] }, { '**.room': ['PLACE'] }))).toEqual(['ann', 'ATTIC']);
    expect(read(schemaOf(format, upper))).toEqual(['ANN', 'ATTIC']);
  });

  test('reach into records and lists, and name the field that does not hold', () => {
    const condition = { kind: 'CONDITION', tags: ['PII'], expr: "name != 'mails' || value.contains('@b')" };
    expect(() => read(schemaOf(format, condition))).toThrow(
      /rule r: .*I\.mails does not hold|rule r: \$\.inner\.mails does not hold/,
    );
    expect(read(schemaOf(format, { ...condition, expr: "value.size() > 2 && tags == ['PII']" }))).toEqual(['ann', 'attic']);
  });
});

test('values of maps are reached, and long integers stay long', () => {
  const text = `syntax = "proto3"; package p; import "confluent/meta.proto";
    message R { map<string, int64> counts = 1 [(confluent.field_meta).tags = "N"]; map<string, string> names = 2; }`;
  const domainRules = [
    { name: 'r', type: 'CEL_FIELD', mode: 'READ', kind: 'TRANSFORM', tags: ['N'], expr: 'value + 1' },
    { name: 's', type: 'CEL', mode: 'READ', kind: 'CONDITION', expr: "message.counts['a'] == 6 && message.names['b'] == 'c'" },
  ];
  // Readers run them from the last to the first.
  const contract = { metadata: null, ruleSet: { domainRules: domainRules.toReversed() } };
  const decoder = createDecoder(parseSchema({ format: 'PROTOBUF', text, contract }), []);
  const rows = new Rows(fields);
  rows.reset(1);
  const bytes = Buffer.from('0a05' + '0a0161' + '1005' + '1206' + '0a0162' + '120163', 'hex');
  expect(() => decoder.decode(bytes, rows, 0)).not.toThrow();
});
