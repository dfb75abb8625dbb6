import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KeyWindows } from './windows.ts';
import { windowsCodec } from './windows-codec.ts';

const number = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constant(-Number.MAX_VALUE));
const windows: fc.Arbitrary<KeyWindows> = fc.record({
  closedUntilMs: number,
  newestMs: number,
  open: fc.array(
    fc.record({
      startMs: number,
      count: fc.nat(),
      firstPosition: fc.integer(),
      lastPosition: fc.integer(),
      accumulators: fc.array(fc.array(number, { maxLength: 3 }), { maxLength: 4 }),
    }),
    { maxLength: 4 },
  ),
});

test('windows come back from the changelog as they went, wherever their bytes lie', () => {
  fc.assert(
    fc.property(windows, fc.nat({ max: 7 }), (written, offset) => {
      const bytes = windowsCodec.encode(written);
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(windowsCodec.decode(moved.subarray(offset))).toEqual(written);
    }),
  );
});

test('bytes that end in the middle are not taken for windows', () => {
  const open = [{ startMs: 0, count: 1, firstPosition: 0, lastPosition: 0, accumulators: [[1, 2]] }];
  const bytes = windowsCodec.encode({ closedUntilMs: 0, newestMs: 0, open });
  expect(() => windowsCodec.decode(bytes.subarray(0, bytes.length - 8))).toThrow(RangeError);
});
