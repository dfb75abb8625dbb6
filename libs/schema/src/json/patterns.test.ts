import { expect, test } from '@jest/globals';
import { compileValidator } from './validator.ts';

const judge = (pattern: string, text: string): boolean => compileValidator({ type: 'string', pattern }, new Map())(text) === null;

test.each([
  ['^(a+)+$', false],
  ['^(a|a)*$', false],
  ['^(?=(a+)+$)b?', false],
  ['^(?:a*)*!$', true],
])('%s ends', (pattern, expected) => {
  expect(judge(pattern, `${'a'.repeat(200)}!`)).toBe(expected);
});

test.each<[pattern: string, yes: string, no: string]>([
  ['^[A-Z]{2}-\\d+$', 'AB-12', 'ab-12'],
  ['^(room|hall)\\s\\p{L}+$', 'room\u00a0\u00c9', 'room-1'],
  ['^(\\u0041)\\1$', 'AA', 'AB'],
  ['^a+$', 'aa', 'ab'],
])('%s means what it means in JavaScript', (...[pattern, yes, no]) => {
  expect([judge(pattern, yes), judge(pattern, no)]).toEqual([true, false]);
});

test('what is no pattern is refused', () => {
  expect(() => judge('(', '')).toThrow('Invalid regular expression');
});
