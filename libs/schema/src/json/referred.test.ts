import { expect, test } from '@jest/globals';
import { checkCompatibility } from '../compatibility/check.ts';
import { parseSchema } from '../schema.ts';

const imports = new Map([
  ['units.json', '{ "$defs": { "ppm": { "type": "number", "minimum": 0, "unit": "ppm" }, "far": { "$ref": "#/$defs/ppm" } } }'],
  ['kind.json', '{ "type": ["string", "null"] }'],
]);

function fieldsOf(properties: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = JSON.stringify({
    type: 'object',
    required: Object.keys(properties),
    properties,
    $defs: { id: { type: 'string' }, a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' }, 'x/y': { type: 'boolean' } },
  });
  const { fields } = parseSchema({ format: 'JSON', text, imports }).shape;
  return Object.fromEntries(fields.map(({ name, type, nullable }) => [name, nullable ? `${type}?` : type]));
}

test('a property that is said elsewhere is a column as if it were said in its place', () => {
  const properties = {
    id: { $ref: '#/$defs/id', description: 'by whom' },
    odd: { $ref: '#/$defs/x~1y' },
    co2: { $ref: 'units.json#/$defs/far' },
    kind: { $ref: 'kind.json' },
  };
  expect(fieldsOf(properties)).toEqual({ id: 'string', odd: 'boolean', co2: 'number', kind: 'string?' });
});

test('one that says more than where to look is judged, and is no column', () => {
  expect(fieldsOf({ id: { $ref: '#/$defs/id' }, more: { $ref: '#/$defs/id', maxLength: 2 } })).toEqual({ id: 'string' });
});

/** `$ref`s as Confluent's registry follows them. */
test.each([
  ['relative to the $id', { $id: 'https://rooms.example/schemas/reading.json' }, 'kind.json'],
  [
    'by its place beside the $id',
    { $id: 'https://rooms.example/schemas/reading.json' },
    'https://rooms.example/schemas/kind.json',
  ],
  ['by its name where there is no $id', {}, 'kind.json'],
  ['by its name where id is said, which means nothing', { id: 'urn:jsonschema:rooms:Reading' }, 'kind.json'],
])('an import is found %s', (_name, more, $ref) => {
  const text = JSON.stringify({ ...more, type: 'object', properties: { kind: { $ref } }, additionalProperties: false });
  const schema = parseSchema({ format: 'JSON', text, imports });
  const validator = schema.format === 'JSON' ? schema.validator : null;
  expect([validator?.({ kind: 'a' }), validator?.({ kind: 1 })?.field]).toEqual([null, 'kind']);
  expect(checkCompatibility({ level: 'FULL' }, schema, [{ version: 1, schema }])).toEqual([]);
});

test('what stands in definitions is found in $defs too', () => {
  const text = '{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"definitions":{"a":{"type":"string"}}}';
  const schema = parseSchema({ format: 'JSON', text });
  const validator = schema.format === 'JSON' ? schema.validator : null;
  expect([validator?.({ a: 'a' }), validator?.({ a: 1 })?.field]).toEqual([null, 'a']);
});
