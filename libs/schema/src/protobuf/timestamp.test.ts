import { expect, test } from '@jest/globals';
import { Rows } from '@penstock/kernel';
import { createDecoder, createEncoder } from '../codec.ts';
import { parseSchema } from '../schema.ts';

test('a time is read whole, and so is what stands behind it', () => {
  const text = `syntax = "proto3";
import "google/protobuf/timestamp.proto";
message Seen { google.protobuf.Timestamp at = 1; string by = 2; }`;
  const schema = parseSchema({ format: 'PROTOBUF', text });
  const bindings = schema.shape.fields.map((field, slot) => ({ field, slot }));
  const rows = new Rows(schema.shape.fields);
  for (const timeMs of [0, -1, 1_423_645_200_000, 1_423_645_200_123]) {
    rows.reset(1);
    rows.numbers(0)[0] = timeMs;
    rows.values(1)[0] = 'device';
    const payload = createEncoder(schema, bindings, null).encode(rows, 0);
    rows.append(-1);
    createDecoder(schema, bindings).decode(payload, rows, 1);
    expect([rows.numbers(0)[1], rows.values(1)[1]]).toEqual([timeMs, 'device']);
  }
});
