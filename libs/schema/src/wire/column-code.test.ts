import { expect, test } from '@jest/globals';
import { type Field, Rows } from '@penstock/kernel';
import { createDecoder, createEncoder } from '../codec.ts';
import { createJsonReadingDecoder } from '../json/reading-decoder.ts';
import { parseSchema } from '../schema.ts';

// A text comes first: columns of texts stay when those of numbers are replaced.
const text = 'syntax = "proto3"; message Reading { string room = 1; int64 sequence = 2; optional double co2_ppm = 3; }';
const schema = parseSchema({ format: 'PROTOBUF', text });
const fields: readonly Field[] = schema.shape.fields;
const bindings = fields.map((field, slot) => ({ field, slot }));

test('columns that grew between two batches are read and written where they are now', () => {
  const rows = new Rows(fields);
  const encoder = createEncoder(schema, bindings, null);
  const decoders = [createJsonReadingDecoder(schema.shape, bindings), createDecoder(schema, bindings)] as const;
  for (const count of [3, 300, 3, 1_000]) {
    rows.reset(count);
    const row = count - 1;
    const json = Buffer.from(JSON.stringify({ room: 'a', sequence: count, co2Ppm: count / 2 }));
    decoders[0].decode(json, rows, row);
    const encoded = encoder.encode(rows, row);
    rows.numbers(1)[row] = -1;
    rows.numbers(2)[row] = -1;
    decoders[1].decode(encoded, rows, row);
    expect([rows.values(0)[row], rows.numbers(1)[row], rows.numbers(2)[row]]).toEqual(['a', count, count / 2]);
  }
});

test('a codec that serves two sets of columns in turn mixes nothing up', () => {
  const decoder = createJsonReadingDecoder(schema.shape, bindings);
  const both = [new Rows(fields), new Rows(fields)];
  for (const rows of both) rows.reset(1);
  for (const sequence of [1, 2, 3]) {
    both.forEach((rows, index) => {
      decoder.decode(Buffer.from(JSON.stringify({ room: 'a', sequence: sequence * 10 + index })), rows, 0);
    });
    expect(both.map((rows) => rows.numbers(1)[0])).toEqual([sequence * 10, sequence * 10 + 1]);
  }
});
