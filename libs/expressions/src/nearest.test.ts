import { expect, test } from '@jest/globals';
import { editDistance, nearestOf } from './nearest.ts';

test('an edit is a letter too many, too few, wrong, or two that changed places', () => {
  expect(editDistance('building', 'bulding')).toBe(1);
  expect(editDistance('topic', 'tpoic')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

test.each([
  ['co2ppm', 'co2Ppm'],
  ['temparatureC', 'temperatureC'],
  ['humidity', null],
  ['bulding', 'building'],
  ['x', null],
  ['y'.repeat(300), null],
])('%s was meant as %s', (word, meant) => {
  expect(nearestOf(word, ['building', 'co2Ppm', 'temperatureC'])).toBe(meant);
});
