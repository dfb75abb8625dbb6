import { styleText } from 'node:util';
import { expect, test } from '@jest/globals';
import { duration, jsonOf, table } from './output.ts';

test('columns are as wide as their cells, colours have no width', () => {
  const red = styleText('red', 'no', { validateStream: false });
  expect(
    table(
      ['stage', 'rows'],
      [
        ['a', '10'],
        [red, '5'],
      ],
      ['left', 'right'],
    ),
  ).toEqual(['stage  rows', 'a        10', `${red}        5`]);
});

test('whole numbers stay numbers as long as they are exact', () => {
  expect(jsonOf({ a: 7n, b: 2n ** 60n, c: new Map([['x', 1n]]) })).toBe('{"a":7,"b":"1152921504606846976","c":{"x":1}}');
});

test.each([
  [null, '–'],
  [0.53, '0.5 ms'],
  [350.4, '350 ms'],
  [61_000, '61.0 s'],
  [600_000, '10 min'],
])('%p ms is %s', (ms, shown) => expect(duration(ms)).toBe(shown));
