import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('typed arrays are those that native addons know', () => {
  // A Buffer is made outside of the sandbox.
  expect(readFileSync(import.meta.filename)).toBeInstanceOf(Uint8Array);
  expect(Buffer.alloc(8).buffer).toBeInstanceOf(ArrayBuffer);
});
