import { expect, test } from '@jest/globals';
import { Shelf } from './shelf.ts';

function kept(lengths: readonly number[]): number[] {
  const shelf = new Shelf<number, string>();
  lengths.forEach((length, key) => void shelf.set(key, 'made', { length }));
  return lengths.flatMap((_, key) => (shelf.get(key) === undefined ? [] : [key]));
}

test('of much that is small the oldest go', () => {
  expect(kept(Array.from({ length: 501 }, () => 1))).toEqual(Array.from({ length: 500 }, (_, key) => key + 1));
});

test('little is kept of what is large, and nothing that is larger than all may be', () => {
  expect(kept(Array.from({ length: 10 }, () => 1_000_000))).toEqual([6, 7, 8, 9]);
  expect(kept([1, 5_000_000])).toEqual([]);
});

test('what is replaced or deleted makes room', () => {
  const shelf = new Shelf<string, number>();
  for (let round = 0; round < 9; round += 1) shelf.set('a', round, { length: 2_000_000 });
  shelf.set('b', 1, { length: 2_000_000 });
  expect(shelf.get('a')).toBe(8);
  shelf.delete('a');
  shelf.set('c', 2, { length: 2_000_000 });
  expect([shelf.get('a'), shelf.get('b')]).toEqual([undefined, 1]);
});
