import { expect, test } from '@jest/globals';
import { compileCel } from './cel-rule.ts';
import { compileJsonata } from './jsonata-rule.ts';

test.each([
  ['escapes that no quote ends', '"\\'.repeat(100_000)],
  ['a sum without end', `1${'+1'.repeat(250_000)}`],
])('%s is too long', (_, text) => {
  const start = performance.now();
  for (const compile of [compileCel, compileJsonata])
    expect(() => compile(text)).toThrow('expected an expression of at most 16384 characters');
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('what an expression of the longest takes is bounded', () => {
  const start = performance.now();
  expect(() => compileCel('"\\'.repeat(8_192))).toThrow();
  expect(performance.now() - start).toBeLessThan(3_000);
});

test.each(['(', '['])('%s within one another are said to nest too deep', (bracket) => {
  const text = bracket.repeat(8_000);
  for (const compile of [compileCel, compileJsonata]) expect(() => compile(text)).toThrow('the expression is nested too deep');
});
