import { expect, test } from '@jest/globals';
import { Rows } from '@penstock/kernel';
import { createDecoder, createEncoder } from './codec.ts';
import { parseSchema } from './schema.ts';

const avro = parseSchema({
  format: 'AVRO',
  text: '{"type":"record","name":"Count","fields":[{"name":"count","type":"long"}]}',
});
const bindings = avro.shape.fields.map((field, slot) => ({ field, slot }));

/** Avro's long as its specification says: zigzag, seven bits a byte, lowest first. */
function longBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

test.each([
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 52, -(2 ** 52), -(2 ** 52) - 1, 2 ** 52 + 1],
  ...[2 ** 31, -(2 ** 31) - 1, 2 ** 30, -(2 ** 30), 63, 64, -64, -65, 0],
])('Avro long %d keeps every bit', (value) => {
  const rows = new Rows(avro.shape.fields);
  rows.reset(2);
  rows.numbers(0)[0] = value;
  const bytes = createEncoder(avro, bindings, null).encode(rows, 0);
  expect([...bytes]).toEqual([...longBytes(BigInt(value))]);
  createDecoder(avro, bindings).decode(bytes, rows, 1);
  expect(rows.numbers(0)[1]).toBe(value);
});

test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])('Avro long %d is out of range, not rounded', (value) => {
  const rows = new Rows(avro.shape.fields);
  rows.reset(1);
  const decoder = createDecoder(avro, bindings);
  expect(() => decoder.decode(longBytes(value), rows, 0)).toThrow(
    expect.objectContaining({ code: 'schema.integer-out-of-range' }),
  );
});
