import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { guidOf, type Named } from './guid.ts';

const plain: Named = { text: '"string"', references: [], metadata: null, ruleSet: null };
const md5 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const hexOf = (content: Named): string => guidOf(content).replaceAll('-', '');
const one = Uint8Array.of(1);

describe('the GUID of a schema', () => {
  test('is the MD5 of its text in the form of a UUID', () => {
    expect(guidOf(plain)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(hexOf(plain)).toBe(md5('"string"'));
  });

  test('takes references, metadata and rules along, sorted and with their defaults', () => {
    const content: Named = {
      text: 'T',
      references: [{ name: 'r', subject: 's', version: 258 }],
      metadata: { properties: { b: '2', a: '1' }, tags: { '**.x': ['Q', 'P', 'P'] }, sensitive: ['b'] },
      ruleSet: {
        domainRules: [{ name: 'n', type: 'CEL', expr: 'true', params: { z: '1', y: '2' }, tags: ['B', 'A'], disabled: true }],
        migrationRules: [{ name: 'm', kind: 'CONDITION', mode: 'UPGRADE', type: 'JSONATA', onFailure: 'DLQ' }],
      },
    };
    const parts = ['T', 'r', 's', Uint8Array.of(0, 0, 1, 2), one, '**.x', 'P', 'Q', 'a', '1', 'b', '2', 'b', one];
    const rules = ['m', 'CONDITION', 'UPGRADE', 'JSONATA', 'DLQ'];
    const domain = ['n', 'TRANSFORM', 'WRITEREAD', 'CEL', 'A', 'B', 'y', '2', 'z', '1', 'true', one];
    expect(hexOf(content)).toBe(md5(...parts, ...rules, ...domain));
  });

  test('empty metadata is not none', () => {
    expect(guidOf({ ...plain, metadata: {} })).not.toBe(guidOf(plain));
  });
});
