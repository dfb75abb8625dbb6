import { expect, test } from '@jest/globals';
import { Rows } from '@penstock/kernel';
import { createEncoder } from '../codec.ts';
import { parseSchema } from '../schema.ts';

const names = ['__proto__', 'constructor', 'toJSON', 'a "b" \\'] as const;
const properties = names.map((name) => `${JSON.stringify(name)}: { "type": ["string", "null"] }`).join(', ');
const text = `{ "title": "Odd", "type": "object", "properties": { ${properties} }, "required": ["toJSON"] }`;
const schema = parseSchema({ format: 'JSON', text });
const bindings = schema.shape.fields.map((field, slot) => ({ field, slot }));

/** The JSON of a record with these values, in the order of the schema. */
function encoded(values: readonly (string | null)[]): string {
  const rows = new Rows(schema.shape.fields);
  rows.reset(1);
  values.forEach((value, slot) => {
    rows.values(slot)[0] = value;
  });
  return Buffer.from(createEncoder(schema, bindings, null).encode(rows, 0)).toString();
}

test('properties with the names of what every object has are properties like others', () => {
  expect(encoded(['p', 'c', 't', 'q'])).toBe('{"__proto__":"p","constructor":"c","toJSON":"t","a \\"b\\" \\\\":"q"}');
});

test('null is left out, and written where the schema requires the property', () => {
  expect(encoded([null, null, null, null])).toBe('{"toJSON":null}');
});

test('half a surrogate pair is escaped, since UTF-8 cannot say it', () => {
  expect(encoded([null, null, 'a\ud800', null])).toBe('{"toJSON":"a\\ud800"}');
});
