import { describe, expect, test } from '@jest/globals';
import avsc from 'avsc';
import fc from 'fast-check';
import { parseSchema } from '../schema.ts';
import { checkReads } from './check.ts';

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;

type Json = object | string;

/** Types with few names, so that pairs often have much in common. */
const { type: anyType } = fc.letrec<{ type: Json }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json[]>(...primitives) as fc.Arbitrary<Json>,
    fc.uniqueArray(fc.constantFrom(...primitives), { minLength: 1, maxLength: 4 }),
    fc.record({ type: fc.constant('array'), items: tie('type') }),
    fc.record({ type: fc.constant('map'), values: tie('type') }),
    fc.record({
      type: fc.constant('enum'),
      symbols: fc.uniqueArray(fc.constantFrom('A', 'B', 'C'), { minLength: 1 }),
    }),
    fc.record({ type: fc.constant('fixed'), size: fc.integer({ min: 1, max: 2 }) }),
    fc.record({
      type: fc.constant('record'),
      fields: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), type: tie('type') }), {
        selector: ({ name }) => name,
        maxLength: 3,
      }),
    }),
  ),
}));

/** Gives every named type the name of its kind and depth, so that the same places of two schemas have the same name. */
function named(json: unknown, path = 'R'): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { type, items, values, fields, ...rest } = json as Record<string, unknown>;
  if (type === 'array') return { type, items: named(items, `${path}i`) };
  if (type === 'map') return { type, values: named(values, `${path}v`) };
  if (type !== 'record') return { type, name: path, ...rest };
  const list = fields as { name: string; type: unknown }[];
  return { type, name: path, fields: list.map((field) => ({ ...field, type: named(field.type, path + field.name) })) };
}

function readsByAvsc(reader: unknown, writer: unknown): boolean {
  const [to, from] = [reader, writer].map((json) => avsc.Type.forSchema(json as avsc.Schema, { wrapUnions: true }));
  try {
    to?.createResolver(from as avsc.Type);
    return true;
  } catch {
    return false;
  }
}

describe('Avro compatibility', () => {
  test('agrees with avsc on generated pairs', () => {
    let compatible = 0;
    fc.assert(
      fc.property(anyType, anyType, fc.boolean(), (left, right, same) => {
        const [reader, writer] = [named(left), named(same ? left : right)];
        const found = checkReads(
          parseSchema({ format: 'AVRO', text: JSON.stringify(reader) }),
          parseSchema({ format: 'AVRO', text: JSON.stringify(writer) }),
        );
        expect([found, found.length === 0]).toEqual([found, readsByAvsc(reader, writer)]);
        if (found.length === 0 && !same) compatible += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(compatible).toBeGreaterThan(20);
  });
});
