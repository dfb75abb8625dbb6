import { expect, test } from '@jest/globals';
import { printAvro } from './print.ts';

type Json = Readonly<Record<string, unknown>>;

const record = (field: Json, more: Json = {}): string => JSON.stringify({ fields: [field], type: 'record', name: 'R', ...more });
const inside = (field: string): string => `{"type":"record","name":"R","fields":[${field}]}`;

/** What Confluent's registry made of these texts: as it stores them, and normalised. */
test.each([
  ['{"type": "int"}', '"int"', '"int"'],
  [
    record(
      { type: { type: 'int' }, name: 'f', z: 1, a: { d: 1, c: 2 } },
      { namespace: 'n', doc: '', aliases: ['B', 'n.A'], y: 1 },
    ),
    '{"type":"record","name":"R","namespace":"n","doc":"","fields":[{"name":"f","type":"int","z":1,"a":{"d":1,"c":2}}],"y":1,"aliases":["B","A"]}',
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":"int","a":{"c":2,"d":1},"z":1}],"y":1,"aliases":["A","B"]}',
  ],
  [
    record({ order: 'ascending', name: 'f', default: null, type: ['null', 'n.E'], aliases: ['b', 'a'] }, { name: 'n.R' }),
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":["null","E"],"default":null,"aliases":["b","a"]}]}',
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":["null","E"],"default":null,"aliases":["a","b"]}]}',
  ],
  [
    record({ name: 'f', type: { symbols: ['A'], default: 'A', doc: 'd', name: 'm.E', type: 'enum' } }),
    inside('{"name":"f","type":{"type":"enum","name":"E","namespace":"m","doc":"d","symbols":["A"],"default":"A"}}'),
    inside('{"name":"f","type":{"type":"enum","name":"E","namespace":"m","doc":"d","symbols":["A"],"default":"A"}}'),
  ],
  [
    '{"type":"bytes","scale":2,"k":1,"precision":9,"logicalType":"decimal"}',
    '{"type":"bytes","scale":2,"k":1,"precision":9,"logicalType":"decimal"}',
    '{"type":"bytes","logicalType":"decimal","precision":9,"scale":2,"k":1}',
  ],
  [
    '{"type":"record","name":"R","fields":[{"name":"f","type":"double","default":1},{"name":"g","type":"float","default":1e10}]}',
    inside('{"name":"f","type":"double","default":1},{"name":"g","type":"float","default":1.0E10}'),
    inside('{"name":"f","type":"double","default":1.0},{"name":"g","type":"float","default":1.0E10}'),
  ],
])('%s', (text, stored, normal) => {
  expect([printAvro(text, 'stored'), printAvro(text, 'normal')]).toEqual([stored, normal]);
  expect(printAvro(stored, 'stored')).toBe(stored);
});

test.each([
  ['1.50', '1.5'],
  ['-0.0', '-0.0'],
  ['0.001', '0.001'],
  ['0.00012', '1.2E-4'],
  ['1234567.0', '1234567.0'],
  ['12345678.5', '1.23456785E7'],
  ['1e2', '100.0'],
  ['12345678901234567890', '12345678901234567890'],
])('the number %s is written %s', (given, written) => {
  expect(printAvro(`{"type":"int","n":${given}}`, 'stored')).toBe(`{"type":"int","n":${written}}`);
});
