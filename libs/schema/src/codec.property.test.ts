import { describe, expect, test } from '@jest/globals';
import { type Binding, type Field, isNumeric, Rows } from '@penstock/kernel';
import avsc from 'avsc';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { createDecoder, createEncoder } from './codec.ts';
import { parseSchema, type Schema } from './schema.ts';
import type { SchemaFormat } from './schema-source.ts';

const proto = `
syntax = "proto3";
package oracle;
enum Colour { NONE = 0; RED = 1; BLUE = 5; }
message Reading {
  double ratio = 1;
  optional double maybe = 2;
  float small = 3;
  int32 i32 = 4; sint32 s32 = 5; uint32 u32 = 6; fixed32 f32 = 7; sfixed32 sf32 = 8;
  int64 i64 = 9; sint64 s64 = 10; uint64 u64 = 11; fixed64 f64 = 12; sfixed64 sf64 = 13;
  bool flag = 14; optional bool maybe_flag = 15;
  string text = 16; optional string maybe_text = 17;
  bytes raw = 18; Colour colour = 19; repeated int32 list = 536870911;
}`;

const avro = JSON.stringify({
  type: 'record',
  name: 'Reading',
  namespace: 'oracle',
  fields: [
    { name: 'ratio', type: 'double' },
    { name: 'maybe', type: ['null', 'double'], default: null },
    { name: 'small', type: 'float' },
    { name: 'i32', type: 'int' },
    { name: 'i64', type: 'long' },
    { name: 's64', type: ['long', 'null'], default: 5 },
    { name: 'flag', type: 'boolean' },
    { name: 'maybeFlag', type: ['null', 'boolean'] },
    { name: 'text', type: 'string' },
    { name: 'maybeText', type: ['null', 'string'] },
    { name: 'raw', type: 'bytes' },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['NONE', 'RED', 'BLUE'] } },
  ],
});

const json = JSON.stringify({
  type: 'object',
  required: ['ratio', 'i64', 'flag', 'text', 'maybeText'],
  properties: {
    maybe: { type: 'number' },
    ratio: { type: 'number' },
    i64: { type: 'integer' },
    flag: { type: 'boolean' },
    maybeFlag: { type: ['boolean', 'null'] },
    text: { type: 'string' },
    maybeText: { type: ['string', 'null'] },
    constructor: { type: 'string' },
  },
});

const int32 = { min: -2_147_483_648, max: 2_147_483_647 };
const uint32 = { min: 0, max: 4_294_967_295 };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 30 }));
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ratio: finite,
  maybe: fc.option(finite),
  small: fc.float({ noNaN: true, noDefaultInfinity: true }),
  i32: fc.integer(int32),
  s32: fc.integer(int32),
  u32: fc.integer(uint32),
  f32: fc.integer(uint32),
  sf32: fc.integer(int32),
  i64: fc.maxSafeInteger(),
  s64: fc.maxSafeInteger(),
  u64: fc.maxSafeNat(),
  f64: fc.maxSafeNat(),
  sf64: fc.maxSafeInteger(),
  flag: fc.boolean(),
  maybeFlag: fc.option(fc.boolean()),
  text,
  maybeText: fc.option(text),
  raw: fc.uint8Array({ maxLength: 80 }),
  colour: fc.constantFrom('NONE', 'RED', 'BLUE'),
  constructor: fc.option(text),
};

type Record_ = Readonly<Record<string, unknown>>;

function bindingsOf(schema: Schema): Binding[] {
  return schema.shape.fields.map((field, slot) => ({ field, slot }));
}

/** avsc loses a bit of longs beyond 2^52; `extremes.test.ts` holds ours to it. */
const avroLong = fc.maxSafeInteger().map((value) => Math.floor(value / 2));

function arbitraryOf({ format, shape }: Schema): fc.Arbitrary<Record_> {
  const known: typeof values = format === 'AVRO' ? { ...values, i64: avroLong, s64: avroLong } : values;
  return fc.record(Object.fromEntries(shape.fields.map(({ name }) => [name, known[name] as fc.Arbitrary<unknown>])));
}

function rowsOf(fields: readonly Field[], record: Record_): Rows {
  const rows = new Rows(fields);
  rows.reset(3);
  fields.forEach(({ name, type }, slot) => {
    if (isNumeric(type)) rows.numbers(slot)[2] = (record[name] as number | null) ?? Number.NaN;
    else rows.values(slot)[2] = record[name];
  });
  return rows;
}

function recordOf(fields: readonly Field[], rows: Rows, row: number): Record_ {
  return Object.fromEntries(
    fields.map(({ name, type }, slot) => {
      const value = isNumeric(type) ? rows.numbers(slot)[row] : rows.values(slot)[row];
      return [name, value instanceof Uint8Array ? [...value] : Number.isNaN(value) ? null : value];
    }),
  );
}

/** Plain values, as the oracles see them: minus zero and absent values are told apart where the format does. */
function plain(record: Record_): Record_ {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : (value ?? null)]),
  );
}

interface Oracle {
  readonly format: SchemaFormat;
  readonly text: string;
  /** The record's bytes as another library writes them, and what it reads from ours. */
  write(record: Record_): Uint8Array;
  read(bytes: Uint8Array): Record_;
}

const message = protobuf.parse(proto).root.lookupType('oracle.Reading');
const avroType = avsc.Type.forSchema(JSON.parse(avro), { wrapUnions: false });

const oracles: readonly Oracle[] = [
  {
    format: 'PROTOBUF',
    text: proto,
    write: (record) => {
      const present = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
      return message.encode(message.fromObject(present)).finish();
    },
    read: (bytes) => {
      const read = message.toObject(message.decode(bytes), { longs: Number, enums: String, defaults: true }) as Record_;
      const absent = message.decode(bytes) as unknown as object;
      const presence = (name: string): boolean => !name.startsWith('maybe') || Object.hasOwn(absent, name);
      return Object.fromEntries(Object.entries(read).filter(([name]) => presence(name) && name !== 'list'));
    },
  },
  {
    format: 'AVRO',
    text: avro,
    write: (record) => avroType.toBuffer({ ...record, raw: Buffer.from(record['raw'] as Uint8Array) }),
    read: (bytes) => avroType.fromBuffer(Buffer.from(bytes)) as Record_,
  },
  {
    format: 'JSON',
    text: json,
    write: (record) =>
      new TextEncoder().encode(JSON.stringify(record, (name, value) => (value === null && name === 'maybe' ? undefined : value))),
    read: (bytes) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Record_,
  },
];

describe.each(oracles)('$format codec beside an independent library', (oracle) => {
  const schema = parseSchema(oracle);
  const { fields } = schema.shape;
  const bindings = bindingsOf(schema);
  const decoder = createDecoder(schema, bindings);
  const encoder = createEncoder(schema, bindings, null);
  const records = arbitraryOf(schema);
  const sameZero = (record: Record_): Record_ =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, oracle.format === 'JSON' && value === 0 ? 0 : value]),
    );

  test('what it writes is read as the same by the library', () => {
    fc.assert(
      fc.property(records, (record) => {
        const read = oracle.read(encoder.encode(rowsOf(fields, record), 2));
        const seen = Object.fromEntries(fields.map(({ name }) => [name, Object.hasOwn(read, name) ? read[name] : null]));
        expect(plain(seen)).toEqual(sameZero(plain(record)));
      }),
      { numRuns: 500 },
    );
  });

  test('it reads what the library writes', () => {
    fc.assert(
      fc.property(records, (record) => {
        const rows = new Rows(fields);
        rows.reset(1);
        decoder.decode(oracle.write(record), rows, 0);
        expect(recordOf(fields, rows, 0)).toEqual(sameZero(plain(record)));
      }),
      { numRuns: 500 },
    );
  });

  test('earlier payloads stay as they were when later ones are written', () => {
    const samples = fc.sample(records, 600);
    const payloads = samples.map((record) => encoder.encode(rowsOf(fields, record), 2));
    samples.forEach((record, index) => {
      const rows = new Rows(fields);
      rows.reset(1);
      decoder.decode(payloads[index] as Uint8Array, rows, 0);
      expect(recordOf(fields, rows, 0)).toEqual(sameZero(plain(record)));
    });
  });

  test('bytes cut short or changed are refused with a code, or are another record, but never a defect', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.nat({ max: 255 }), (record, place, byte) => {
        const bytes = Uint8Array.from(oracle.write(record));
        if (bytes.length === 0) return;
        bytes[place % bytes.length] = byte;
        const rows = new Rows(fields);
        rows.reset(1);
        for (const damaged of [bytes, bytes.subarray(0, place % bytes.length)])
          expect(fateOf(() => decoder.decode(damaged, rows, 0))).toMatch(/^(read|schema\.)/);
      }),
      { numRuns: 500 },
    );
  });
});

function fateOf(run: () => void): string {
  try {
    run();
    return 'read';
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown);
  }
}
