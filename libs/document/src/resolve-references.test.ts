import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { missingSecret } from './problems.ts';
import { resolveReferences } from './resolve-references.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = {
  url: 'mqtts://${env:USER_NAME}:${env:PASS}@broker:8883',
  qos: 1,
  tls: { ca: `\${file:${join(folder, 'ca.pem')}}` },
  topics: ['a'],
};
const env = { USER_NAME: 'ada', PASS: 'p:$&' };

describe('references', () => {
  test('become values, and everything else stays', () => {
    writeFileSync(join(folder, 'ca.pem'), 'PEM\n');
    const resolved = resolveReferences(config, env);
    expect({ ...resolved, tls: { ...resolved.tls } }).toEqual({
      url: 'mqtts://ada:p:$&@broker:8883',
      qos: 1,
      tls: { ca: 'PEM' },
      topics: ['a'],
    });
    expect(Object.keys(resolved)).toEqual(Object.keys(config));
  });

  test('show in logs as references', () => {
    const resolved = resolveReferences(config, env);
    for (const shown of [JSON.stringify({ resolved }), inspect({ resolved }, { depth: 9 })]) {
      expect(shown).toContain('${env:PASS}');
      expect(shown).not.toContain('p:$&');
      expect(shown).not.toContain('PEM');
    }
  });

  test('to what is not there are told by name, without what is there', () => {
    expect(() => resolveReferences(config, { USER_NAME: 'ada' })).toThrow('${env:PASS} is not set');
    expect(() => resolveReferences('${file:/nowhere/at/all}', env)).toThrow('${file:/nowhere/at/all} cannot be read');
    try {
      resolveReferences(config, {});
    } catch (thrown) {
      expect(missingSecret.caused(thrown)).toBe(true);
    }
  });
});
