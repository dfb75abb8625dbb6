import { expect, test } from '@jest/globals';
import { compileCel } from './cel-rule.ts';
import { compileJsonata } from './jsonata-rule.ts';

test.each([
  ['escapes that no quote ends', '"\\'.repeat(100_000)],
  ['a sum without end', `1${'+1'.repeat(250_000)}`],
])('%s is too long', (_, text) => {
  for (const compile of [compileCel, compileJsonata])
    expect(() => compile(text)).toThrow('expected an expression of at most 16384 characters');
});

test('an expression of the longest that is none is refused', () => {
  expect(() => compileCel('"\\'.repeat(8_192))).toThrow();
});

test.each(['(', '['])('%s within one another are said to nest too deep', (bracket) => {
  const text = bracket.repeat(8_000);
  for (const compile of [compileCel, compileJsonata]) expect(() => compile(text)).toThrow('the expression is nested too deep');
});
