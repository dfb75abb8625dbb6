import { expect, test } from '@jest/globals';
import { type Binding, Rows } from '@penstock/kernel';
import avsc from 'avsc';
import { createDecoder } from '../codec.ts';
import { parseSchema } from '../schema.ts';

const writerJson = {
  type: 'record',
  name: 'rooms.Reading',
  fields: [
    { name: 'skipped', type: { type: 'array', items: { type: 'map', values: ['null', 'string'] } } },
    { name: 'ppm', type: 'int' },
    { name: 'tree', type: ['null', { type: 'record', name: 'Tree', fields: [{ name: 'left', type: ['null', 'Tree'] }] }] },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
  ],
};
const writer = parseSchema({ format: 'AVRO', text: JSON.stringify(writerJson) });
const reader = parseSchema({
  format: 'AVRO',
  text: JSON.stringify({
    type: 'record',
    name: 'Reading',
    fields: [
      { name: 'co2Ppm', type: 'double', aliases: ['ppm'] },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'unit', type: 'string', default: 'ppm' },
      { name: 'note', type: ['null', 'string'], default: null },
    ],
  }),
});
const bytes = avsc.Type.forSchema(writerJson as avsc.Schema, { wrapUnions: true }).toBuffer({
  skipped: [{ a: null, b: { string: 'x' } }, {}],
  ppm: 415,
  tree: { 'rooms.Tree': { left: { 'rooms.Tree': { left: null } } } },
  at: 1_700_000_000_123_456,
});

function bindingsOf(names: readonly string[]): Binding[] {
  return reader.shape.fields.filter(({ name }) => names.includes(name)).map((field, slot) => ({ field, slot }));
}

test('a record of an older schema is read with the aliases, promotions and defaults of the newer', () => {
  const bindings = bindingsOf(['co2Ppm', 'at', 'unit', 'note']);
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  createDecoder(writer, bindings, { reader }).decode(bytes, rows, 0);
  expect([rows.numbers(0)[0], rows.numbers(1)[0], rows.values(2)[0], rows.values(3)[0]]).toEqual([
    415,
    1_700_000_000_123,
    'ppm',
    null,
  ]);
});

test('without the reader a column that the writer lacks is null, or a problem where it may not be', () => {
  expect(() => createDecoder(writer, bindingsOf(['unit']))).toThrow('the writer has no such field, nor the reader a default');
  const bindings = bindingsOf(['note']);
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  createDecoder(writer, bindings).decode(bytes, rows, 0);
  expect(rows.values(0)[0]).toBeNull();
});

test('an array that claims more items than the payload has bytes is refused, not walked', () => {
  const bindings = bindingsOf(['at']);
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  const bomb = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 0);
  expect(() => createDecoder(writer, bindings).decode(bomb, rows, 0)).toThrow('ends in the middle');
});

test('a default may be no number, in the words of Avro for Java', () => {
  const words = ['NaN', 'Infinity', '-Infinity'];
  const fields = words.map((word, index) => ({ name: `f${index}`, type: index === 0 ? 'float' : 'double', default: word }));
  const newer = parseSchema({ format: 'AVRO', text: JSON.stringify({ type: 'record', name: 'Reading', fields }) });
  const rows = new Rows(newer.shape.fields);
  rows.reset(1);
  const bindings = newer.shape.fields.map((field, slot) => ({ field, slot }));
  createDecoder(writer, bindings, { reader: newer }).decode(bytes, rows, 0);
  expect(words.map((_, slot) => rows.numbers(slot)[0])).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const text = '{"type":"record","name":"R","fields":[{"name":"f","type":"double","default":"nan"}]}';
  expect(() => parseSchema({ format: 'AVRO', text })).toThrow('is no value of its type');
});
