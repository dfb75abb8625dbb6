import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { binColumn, missingCode } from './bins.ts';

const values = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constant(Number.NaN),
  // Neighbours in float32, between which there is no middle.
  fc.constantFrom(1, 1 + 2 ** -23, 1 + 2 ** -22),
);
const columns = fc.array(values, { minLength: 1, maxLength: 600 }).map((column) => Float64Array.from(column));

test('a comparison with the threshold parts float32 values as their codes do', () => {
  fc.assert(
    fc.property(columns, fc.integer({ min: 2, max: 255 }), (column, binsMax) => {
      const { codes, thresholds } = binColumn(column, binsMax);
      expect(thresholds.length).toBeLessThan(binsMax);
      Float32Array.from(column).forEach((value, row) => {
        const code = codes[row] as number;
        if (Number.isNaN(value)) return expect(code).toBe(missingCode);
        thresholds.forEach((threshold, cut) => expect(value <= threshold).toBe(code <= cut));
      });
    }),
  );
});

test('as long as there are bins, no two values share one', () => {
  fc.assert(
    fc.property(columns, (column) => {
      const present = Float32Array.from(column).filter((value) => !Number.isNaN(value));
      const distinct = new Set(present.map((value) => value + 0)).size;
      const { codes } = binColumn(column, 255);
      if (distinct <= 255) expect(new Set(codes.filter((code) => code !== missingCode)).size).toBe(distinct);
    }),
  );
});

test('few distinct values have a bin each, and many share bins of about the same weight', () => {
  expect(binColumn(Float64Array.of(3, 1, 2, 1, Number.NaN), 255)).toEqual({
    codes: Uint8Array.of(2, 0, 1, 0, missingCode),
    thresholds: Float32Array.of(1.5, 2.5),
  });
  const { codes } = binColumn(
    Float64Array.from({ length: 10_000 }, (_, row) => row),
    10,
  );
  const counts = Array.from({ length: 10 }, (_, bin) => codes.filter((code) => code === bin).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(2);
});
