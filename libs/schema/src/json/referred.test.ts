import { expect, test } from '@jest/globals';
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
