import { celEnv, isCelError, isCelList, parse, plan } from '@bufbuild/cel';
import { expect, test } from '@jest/globals';
import { type Field, Rows } from '@penstock/kernel';
import fc from 'fast-check';
import { compile } from './compile.ts';
import type { Value } from './node.ts';
import type { Scope } from './scope.ts';
import type { ValueType } from './value-type.ts';

/** What CEL's own evaluator sees: the same names with the same values. */
interface Record {
  readonly d: number | null;
  readonly n: number | null;
  readonly s: string | null;
  readonly b: boolean | null;
  readonly levels: readonly string[];
}

const fields: readonly Field[] = [
  { name: 'd', type: 'number', nullable: true },
  { name: 'n', type: 'integer', nullable: true },
  { name: 's', type: 'string', nullable: true },
  { name: 'b', type: 'boolean', nullable: true },
  { name: 'levels', type: 'string', nullable: false },
];
const scope: Scope = {
  columns: fields.slice(0, 4).map((field, slot) => ({ field, slot })),
  lists: [{ name: 'levels', slot: 4 }],
};

const word = fc.constantFrom('', 'a', 'ab', 'b7', '12', '-3', '1.5', 'é', 'co2');
const record: fc.Arbitrary<Record> = fc.record({
  d: fc.option(fc.constantFrom(0, 1, -2.5, 0.1, 1e6, 612.25)),
  n: fc.option(fc.integer({ min: -9, max: 9 })),
  s: fc.option(word),
  b: fc.option(fc.boolean()),
  levels: fc.array(word, { maxLength: 3 }),
});

type Texts = { readonly [Type in 'int' | 'double' | 'string' | 'bool']: string };

/** Texts of well-typed expressions, a type each. */
const { int, double, string, bool } = fc.letrec<Texts>((tie) => {
  const binary = (left: keyof Texts, operators: readonly string[], right = left): fc.Arbitrary<string> =>
    fc.tuple(tie(left), fc.constantFrom(...operators), tie(right)).map(([a, operator, b]) => `(${a} ${operator} ${b})`);
  const choice = (type: keyof Texts): fc.Arbitrary<string> =>
    fc.tuple(tie('bool'), tie(type), tie(type)).map(([condition, a, b]) => `(${condition} ? ${a} : ${b})`);
  const wrapped = (name: string, type: keyof Texts): fc.Arbitrary<string> => tie(type).map((text) => `${name}(${text})`);
  const tested = (...names: string[]): fc.Arbitrary<string> =>
    fc.tuple(tie('string'), fc.constantFrom(...names), tie('string')).map(([a, name, b]) => `${a}.${name}(${b})`);
  const orders = ['<', '<=', '>', '>=', '==', '!='];
  const options = { depthSize: 'small', maxDepth: 4, withCrossShrink: true } as const;
  return {
    int: fc.oneof(
      options,
      fc.constantFrom('n', '0', '3', '-2', 'size(levels)'),
      binary('int', ['+', '-', '*', '/', '%']),
      tie('int').map((text) => `-(${text})`),
      fc.constantFrom('int(d)', 'int("12")', 'int("-3")'),
      wrapped('size', 'string'),
      choice('int'),
    ),
    double: fc.oneof(
      options,
      fc.constantFrom('d', '0.0', '2.5', '-1.0', 'double("1.5")'),
      binary('double', ['+', '-', '*', '/']),
      wrapped('double', 'int'),
      tie('double').map((text) => `-(${text})`),
      choice('double'),
    ),
    string: fc.oneof(
      options,
      fc.constantFrom('s', '"a"', '"12"', 'levels[0]', 'levels[n]'),
      binary('string', ['+']),
      wrapped('string', 'int'),
      wrapped('string', 'double'),
      wrapped('string', 'bool'),
      choice('string'),
    ),
    bool: fc.oneof(
      options,
      fc.constantFrom('b', 'true', 'false', '(d == null)', '(s != null)', '(s in levels)', '(n in [1, 2, 3])'),
      binary('bool', ['&&', '||', '==', '!=']),
      binary('int', orders),
      binary('double', orders),
      binary('string', orders),
      binary('int', orders, 'double'),
      tie('bool').map((text) => `!(${text})`),
      tested('contains', 'startsWith', 'endsWith'),
      tie('string').map((text) => `${text}.matches("^[a-c]+[0-9]?$")`),
      choice('bool'),
    ),
  };
});

const environment = celEnv();

/** The library's answer in our words: undefined for an error. */
function expected(text: string, { n, ...others }: Record): Value {
  const answer = plan(environment, parse(text))({ ...others, n: n === null ? null : BigInt(n) } as never);
  if (isCelError(answer)) return undefined;
  if (typeof answer === 'bigint') return Number(answer);
  if (isCelList(answer)) return [...answer] as string[];
  return answer as Value;
}

function rowsOf({ d, n, s, b, levels }: Record): Rows {
  const rows = new Rows(fields);
  rows.reset(1);
  rows.numbers(0)[0] = d ?? Number.NaN;
  rows.numbers(1)[0] = n ?? Number.NaN;
  rows.values(2)[0] = s;
  rows.values(3)[0] = b;
  rows.values(4)[0] = levels;
  return rows;
}

const types: readonly (readonly [ValueType, fc.Arbitrary<string>])[] = [
  ['int', int],
  ['double', double],
  ['string', string],
  ['bool', bool],
];

test.each(types)('closures of type %s answer what the evaluator of the library answers', (type, texts) => {
  let values = 0;
  let errors = 0;
  fc.assert(
    fc.property(texts, record, (text, columns) => {
      const expression = compile(text, scope);
      expect(expression.type).toBe(type);
      const value = expression.evaluate(rowsOf(columns), 0);
      expect(value).toEqual(expected(text, columns));
      if (!expression.nullable) expect(value ?? null).not.toBeNull();
      if (expression.number !== null) expect(expression.number(rowsOf(columns), 0)).toEqual(value ?? Number.NaN);
      if (value === undefined) errors += 1;
      else values += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(values, errors)).toBeGreaterThan(50);
});
