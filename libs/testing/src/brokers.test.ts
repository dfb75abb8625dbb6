import { expect, test } from '@jest/globals';
import { brokers } from './brokers.ts';

test('without a test runner the error says how to run', () => {
  const before = process.env['PENSTOCK_TEST_BROKERS'];
  delete process.env['PENSTOCK_TEST_BROKERS'];
  try {
    expect(brokers).toThrow('npm test -- ');
  } finally {
    if (before !== undefined) process.env['PENSTOCK_TEST_BROKERS'] = before;
  }
});
