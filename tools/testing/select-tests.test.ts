import { describe, expect, test } from '@jest/globals';
import { sortOut } from './select-tests.ts';

const files = [
  'libs/b/src/b.fault.test.ts',
  'libs/a/src/z.test.ts',
  'libs/a/src/a.integration.test.ts',
  'libs/a/src/p.property.test.ts',
];

describe('the selection of tests', () => {
  test('fault tests stand apart', () => {
    const { calm, faults, needsBrokers } = sortOut(files, []);
    expect(calm).toEqual(['libs/a/src/a.integration.test.ts', 'libs/a/src/p.property.test.ts', 'libs/a/src/z.test.ts']);
    expect(faults).toEqual(['libs/b/src/b.fault.test.ts']);
    expect(needsBrokers).toBe(true);
  });

  test('a pattern is part of a path, and brokers start only when a selected test needs them', () => {
    expect(sortOut(files, ['z.test', 'property'])).toEqual({
      calm: ['libs/a/src/p.property.test.ts', 'libs/a/src/z.test.ts'],
      faults: [],
      needsBrokers: false,
    });
  });
});
