import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonSchema } from '../../json/schema.ts';
import { parseSchema } from '../../schema.ts';
import { checkJson } from './check.ts';

type Json = Record<string, unknown> | boolean;

const names = fc.constantFrom('a', 'b', 'c', 'ab');
const small = fc.integer({ min: -3, max: 5 });
const count = fc.integer({ min: 0, max: 3 });
const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const constant = fc.constantFrom<unknown[]>(null, true, 0, 1, 2.5, 'a', 'ab', 'abc', [], [1], {}, { a: 1 });

/** Small schemas over few names and values, so that pairs and instances meet. */
const { schema } = fc.letrec<{ schema: Json }>((tie) => {
  const list = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
  const keywords = {
    type: some(
      fc.oneof(
        fc.constantFrom<unknown[]>('null', 'boolean', 'integer', 'number', 'string', 'array', 'object'),
        fc.uniqueArray(fc.constantFrom('null', 'integer', 'number', 'string', 'object'), { minLength: 1, maxLength: 3 }),
      ),
    ),
    minimum: some(small),
    exclusiveMaximum: some(small),
    multipleOf: some(fc.constantFrom(1, 2, 0.5)),
    minLength: some(count),
    maxLength: some(count),
    pattern: some(fc.constantFrom('^a', 'b')),
    enum: fc.option(fc.uniqueArray(constant, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) }), {
      nil: undefined,
      freq: 8,
    }),
    const: fc.option(constant, { nil: undefined, freq: 8 }),
    properties: some(fc.dictionary(names, tie('schema'), { maxKeys: 3, noNullPrototype: true })),
    patternProperties: fc.option(
      fc.dictionary(fc.constantFrom('^a', 'b'), tie('schema'), { maxKeys: 1, noNullPrototype: true }),
      { nil: undefined, freq: 5 },
    ),
    additionalProperties: some(tie('schema')),
    required: some(fc.uniqueArray(names, { maxLength: 2 })),
    minProperties: some(count),
    maxProperties: some(count),
    propertyNames: fc.option(tie('schema'), { nil: undefined, freq: 8 }),
    dependentRequired: fc.option(
      fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), { maxKeys: 1, noNullPrototype: true }),
      { nil: undefined, freq: 8 },
    ),
    dependentSchemas: fc.option(fc.dictionary(names, tie('schema'), { maxKeys: 1, noNullPrototype: true }), {
      nil: undefined,
      freq: 10,
    }),
    prefixItems: fc.option(list, { nil: undefined, freq: 5 }),
    items: some(tie('schema')),
    minItems: some(count),
    maxItems: some(count),
    uniqueItems: fc.option(fc.boolean(), { nil: undefined, freq: 8 }),
    contains: fc.option(tie('schema'), { nil: undefined, freq: 8 }),
    minContains: fc.option(count, { nil: undefined, freq: 8 }),
    anyOf: fc.option(list, { nil: undefined, freq: 6 }),
    oneOf: fc.option(list, { nil: undefined, freq: 6 }),
    allOf: fc.option(list, { nil: undefined, freq: 6 }),
    not: fc.option(tie('schema'), { nil: undefined, freq: 8 }),
  };
  const plain = (given: Record<string, unknown>): Json =>
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    schema: fc.oneof(
      { depthSize: 'xsmall', maxDepth: 3 },
      fc.boolean(),
      fc.record(keywords, { noNullPrototype: true }).map(plain),
    ),
  };
});

const dialect = 'https://json-schema.org/draft/2020-12/schema';

function parse(json: Json): JsonSchema {
  const text = JSON.stringify(typeof json === 'boolean' ? { $schema: dialect, allOf: [json] } : { $schema: dialect, ...json });
  return parseSchema({ format: 'JSON', text }) as JsonSchema;
}

test('a schema goes with itself, in another order and behind a reference', () => {
  const wrap = (json: Json): Json => ({ $ref: '#/$defs/own', $defs: { own: json } });
  fc.assert(
    fc.property(schema, (json) => {
      const shuffled = typeof json === 'boolean' ? json : Object.fromEntries(Object.entries(json).reverse());
      expect(checkJson(parse(json), parse(shuffled))).toEqual([]);
      expect([json, checkJson(parse({ ...(wrap(json) as object), title: 'other' }), parse(json))]).toEqual([json, []]);
    }),
    { numRuns: 60 },
  );
});
