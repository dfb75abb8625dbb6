import { expect, test } from '@jest/globals';
import type { Field, FieldType } from '@penstock/kernel';
import fc from 'fast-check';
import { parseSchema } from '../schema.ts';
import { printMessage } from './print-message.ts';

const types: FieldType[] = ['number', 'integer', 'time', 'boolean', 'string', 'bytes'];
const field: fc.Arbitrary<Field> = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/),
    type: fc.constantFrom(...types),
    nullable: fc.boolean(),
  })
  .map((given) => ({ ...given, nullable: given.nullable || given.type === 'time' }));

test('a printed message has the fields it was printed from, in the order of their numbers', () => {
  const fields = fc.uniqueArray(field, { maxLength: 12, selector: ({ name }) => name.replaceAll('_', '').toLowerCase() });
  fc.assert(
    fc.property(fields, fc.integer({ min: 1, max: 15 }), (given, first) => {
      const numbered = given.map((each, index) => ({ field: each, number: first + index }));
      const text = printMessage({ name: 'rooms.v1.Features', fields: [...numbered].reverse(), reserved: [900] });
      expect(parseSchema({ format: 'PROTOBUF', text }).shape).toEqual({ name: 'rooms.v1.Features', fields: given });
    }),
  );
});

test('a printed message reads as one would write it', () => {
  const fields = [
    { field: { name: 'co2Mean', type: 'number', nullable: true }, number: 3 },
    { field: { name: 'room', type: 'string', nullable: false }, number: 1 },
  ] as const;
  expect(printMessage({ name: 'Features', fields, reserved: [2], reservedNames: ['light_mean', 'room'] })).toBe(
    'syntax = "proto3";\n\nmessage Features {\n  reserved 2;\n  reserved "light_mean";\n  string room = 1;\n  optional double co2_mean = 3;\n}\n',
  );
});
