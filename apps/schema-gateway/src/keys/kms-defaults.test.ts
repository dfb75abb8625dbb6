import { expect, test } from '@jest/globals';
import type { Draft } from '@penstock/registry';
import { withKmsDefaults } from './kms-defaults.ts';

const draft = (params?: object): Draft => ({
  ...{ format: 'AVRO', text: '"string"' },
  ruleSet: { domainRules: [{ name: 'other' }, { name: 'encrypt', type: 'ENCRYPT', ...(params && { params }) }] },
});

test.each([
  [
    { 'encrypt.kms.key.id': 'arn:aws:kms:eu:1:key/a_b' },
    { 'encrypt.kek.name': 'aws-kms-eu-1-key-a_b', 'encrypt.kms.type': 'aws-kms' },
  ],
  [{ 'encrypt.kms.key.id': 'projects/x' }, { 'encrypt.kek.name': 'projects-x' }],
  [{ 'encrypt.kms.key.id': 'arn:a', 'encrypt.kek.name': 'mine' }, { 'encrypt.kms.type': 'aws-kms' }],
])('a rule with %j gets %j', (params, added) => {
  const [, rule] = (withKmsDefaults(draft(params)).ruleSet?.['domainRules'] ?? []) as { params: object }[];
  expect(rule?.params).toEqual({ ...params, ...added });
});

test.each([
  [undefined],
  [{ 'encrypt.kek.name': 'mine' }],
  [{ 'encrypt.kms.key.id': 'arn:a', 'encrypt.kek.name': 'mine', 'encrypt.kms.type': 'azure-kms' }],
])('a rule with %j stays', (params) => {
  const given = draft(params);
  expect(withKmsDefaults(given)).toBe(given);
});
