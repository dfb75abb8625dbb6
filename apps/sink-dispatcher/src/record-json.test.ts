import { expect, test } from '@jest/globals';
import { frameOf, parseSchema, type SchemaRegistry } from '@penstock/schema';
import { createRecordReader } from './record-json.ts';

const text =
  '{"type":"object","properties":{"owner":{"type":"string","confluent:tags":["PII"]},"room":{"type":"string","confluent:tags":["LOUD"]}}}';
const hide = { name: 'hide', kind: 'TRANSFORM', type: 'ENCRYPT', mode: 'WRITEREAD', tags: ['PII'] };
const shout = { name: 'shout', kind: 'TRANSFORM', type: 'CEL_FIELD', mode: 'READ', tags: ['LOUD'], expr: 'value.upperAscii()' };

function registryWith(...domainRules: readonly object[]): SchemaRegistry {
  const contract = { metadata: null, ruleSet: { domainRules } };
  return {
    schema: async () => parseSchema({ format: 'JSON', text, contract }),
    latest: async () => null,
    version: async () => null,
    register: async () => 0,
  };
}

const payload = Buffer.concat([frameOf(7, null), Buffer.from('{"owner":"c2VhbGVk","room":"attic"}')]);

test('what is encrypted is shown as it is in Kafka, whatever the rule says of those who cannot read it', async () => {
  for (const onFailure of ['ERROR', 'NONE']) {
    const read = await createRecordReader(registryWith({ ...hide, onFailure }, shout)).read(payload, []);
    expect(read).toEqual({ json: '{"owner":"c2VhbGVk","room":"ATTIC"}', schemaId: 7, problem: null });
  }
});

test('a rule that nobody here can run keeps its record back', async () => {
  const read = await createRecordReader(registryWith({ ...hide, type: 'OTHER' })).read(payload, []);
  expect(read).toMatchObject({ json: '', problem: { code: 'schema.broken-rule' } });
});
