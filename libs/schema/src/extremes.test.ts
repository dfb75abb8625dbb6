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

test.each(['9223372036854775807', '-9223372036854775808', '9007199254740993'])('Avro: %s is the default of a long', (value) => {
  const text = `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"x","type":"long","default":${value}}]}`;
  const reader = parseSchema({ format: 'AVRO', text });
  expect(reader.canonical).toContain(value);
  const writer = parseSchema({ format: 'AVRO', text: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}' });
  const columns = reader.shape.fields.map((field, slot) => ({ field, slot }));
  expect(() => createDecoder(writer, columns, { reader })).toThrow(
    expect.objectContaining({ code: 'schema.unfit-column', message: expect.stringContaining('does not fit into 2^53') }),
  );
});

test('Avro: the default of a time in microseconds is a time', () => {
  const type = '{"type":"long","logicalType":"timestamp-micros"}';
  const reader = parseSchema({
    format: 'AVRO',
    text: `{"type":"record","name":"R","fields":[{"name":"at","type":${type},"default":1700000000123456}]}`,
  });
  const writer = parseSchema({ format: 'AVRO', text: '{"type":"record","name":"R","fields":[]}' });
  const rows = new Rows(reader.shape.fields);
  rows.reset(1);
  const columns = reader.shape.fields.map((field, slot) => ({ field, slot }));
  createDecoder(writer, columns, { reader }).decode(new Uint8Array(0), rows, 0);
  expect(rows.numbers(0)[0]).toBe(1_700_000_000_123);
});

test.each(['"own":', '"fields":[{"name":"x","type":"int","default":'])('Avro: nothing nests too deep after %s', (before) => {
  const text = `{"type":"record","name":"R",${before}${'['.repeat(100_000)}`;
  expect(() => parseSchema({ format: 'AVRO', text })).toThrow(
    expect.objectContaining({ code: 'schema.invalid-schema', message: expect.stringContaining('nested deeper') }),
  );
});
