import { expect, test } from '@jest/globals';
import { referredNames } from './referred-names.ts';

test('imports of Protobuf, but for those that every compiler has', () => {
  const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto"; import public "rooms/place.proto"; import "unit.proto";
    import "google/type/money.proto"; message A { Place place = 1; }`;
  expect(referredNames({ format: 'PROTOBUF', text })).toEqual(['rooms/place.proto', 'unit.proto']);
});

test('full names of types of Avro that the text does not declare', () => {
  const text = JSON.stringify({
    type: 'record',
    name: 'Reading',
    namespace: 'rooms',
    fields: [
      { name: 'place', type: 'Place' },
      { name: 'unit', type: ['null', 'units.Unit'], default: null },
      { name: 'own', type: { type: 'enum', name: 'Kind', symbols: ['A'], doc: 'no.Type' } },
      { name: 'again', type: { type: 'array', items: 'Kind' } },
      {
        name: 'more',
        type: { type: 'map', values: { type: 'record', name: 'deep.Inner', fields: [{ name: 'a', type: 'Other' }] } },
      },
      { name: 'parent', type: ['null', 'Reading'] },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ],
  });
  expect(referredNames({ format: 'AVRO', text })).toEqual(['rooms.Place', 'units.Unit', 'deep.Other']);
});

test('what stands before the # of $ref, unless it is the name of the text itself', () => {
  const text = JSON.stringify({
    $id: 'https://penstock.test/reading.json',
    properties: {
      place: { $ref: 'place.json' },
      kind: { $ref: 'https://penstock.test/kinds.json#/$defs/kind' },
      own: { $ref: '#/$defs/own' },
      self: { $ref: 'https://penstock.test/reading.json#/$defs/own' },
      given: { const: { $ref: 'instance.json' } },
    },
    $defs: { own: { items: [{ $ref: 'item.json' }] } },
  });
  expect(referredNames({ format: 'JSON', text })).toEqual(['place.json', 'https://penstock.test/kinds.json', 'item.json']);
});

test('what cannot be read is refused, however deep', () => {
  for (const text of ['{', '['.repeat(100_000)]) {
    expect(() => referredNames({ format: 'AVRO', text })).toThrow(expect.objectContaining({ code: 'schema.invalid-schema' }));
  }
});
