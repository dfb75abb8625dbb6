import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diffLines } from './diff-lines.ts';

const shown = (before: string, after: string): string[] =>
  diffLines(before, after).map(({ kind, line }) => ({ same: ' ', added: '+', removed: '-' })[kind] + line);

test('the lines that both have stay, the others are told', () => {
  expect(shown('a\nb\nc\nd', 'a\nx\nc\ny\nd')).toEqual([' a', '-b', '+x', ' c', '+y', ' d']);
  expect(shown('a', 'a')).toEqual([' a']);
});

test('both texts can be told from the difference', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '')).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const without = (kind: string): string =>
        lines
          .filter((each) => each.kind !== kind)
          .map(({ line }) => line)
          .join('\n');
      expect(without('added')).toBe(before);
      expect(without('removed')).toBe(after);
    }),
  );
});

test('texts of very many lines are told as replaced instead of compared each with each', () => {
  const [before, after] = ['a', 'b'].map((name) => Array.from({ length: 3_000 }, (_, at) => name + at).join('\n'));
  expect(diffLines(before as string, after as string)).toHaveLength(6_000);
});
