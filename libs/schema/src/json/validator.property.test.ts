import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileValidator, createValidator } from './validator.ts';

const none = new Map<string, string>();

const numbers = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(1, 2, 5) }, fc.constantFrom<unknown[]>(0, -1, 0.5, '1', null));
const scalar = fc.record(
  {
    type: fc.constantFrom<unknown>(
      'string',
      'number',
      'integer',
      'null',
      'boolean',
      'array',
      'object',
      'strange',
      ['string', 'null'],
      [],
    ),
    format: fc.constantFrom('date-time', 'email', 'nothing', ''),
    enum: fc.array(fc.constantFrom<unknown>(1, 'a', null, {}), { maxLength: 3 }),
    const: fc.constantFrom<unknown>(1, 'a', null),
    ...{ minimum: numbers, multipleOf: numbers, minLength: numbers, maxItems: numbers, exclusiveMaximum: numbers },
    uniqueItems: fc.constantFrom<unknown>(true, false, 'no'),
    default: fc.constantFrom<unknown>(1, 'x', {}),
    pattern: fc.constantFrom('^a+$', '('),
    nullable: fc.boolean(),
  },
  { requiredKeys: [] },
);
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    scalar,
    fc.boolean(),
    fc.record(
      {
        type: fc.constantFrom('object', 'array'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', '$ref', 'toString'), tie('schema'), { maxKeys: 3 }),
        required: fc.array(fc.constantFrom<unknown>('a', 'b', 1), { maxLength: 2 }),
        additionalProperties: tie('schema'),
        ...{ items: tie('schema'), not: tie('schema') },
        ...{ allOf: fc.array(tie('schema'), { maxLength: 2 }), oneOf: fc.array(tie('schema'), { maxLength: 2 }) },
      },
      { requiredKeys: [] },
    ),
  ),
}));

function refusal(make: () => unknown): string | null {
  try {
    make();
    return null;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

describe('a validator that is compiled when it is asked', () => {
  test('refuses what compiling refuses, with the same words, and judges the same', () => {
    let compiled = 0;
    fc.assert(
      fc.property(schema, fc.jsonValue(), (json, value) => {
        const refused = refusal(() => compileValidator(json, none));
        expect(refusal(() => createValidator(json, none))).toBe(refused);
        if (refused !== null) return;
        compiled += 1;
        expect(createValidator(json, none)(value)).toEqual(compileValidator(json, none)(value));
      }),
      { numRuns: 400 },
    );
    expect(compiled).toBeGreaterThan(50);
  });
});
