import { expect, test } from '@jest/globals';
import { type Asked, askedOf, KeptAnswers } from './kept-answers.ts';

const post = (body: string, path = '/subjects/s'): Asked => askedOf(`POST ${path}`, Buffer.from(body));
const answer = Buffer.from('{"id":1}');

/** Asked for twice, which is a habit. */
function keep(kept: KeptAnswers, asked: Asked, bytes = answer): void {
  kept.offer(asked, bytes);
  kept.offer(asked, bytes);
}

test('an answer is kept when its question is asked for the second time', () => {
  const kept = new KeptAnswers(() => 0);
  kept.offer(post('a'), answer);
  expect(kept.get(post('a'))).toBeUndefined();
  kept.offer(post('a'), answer);
  expect(kept.get(post('a'))).toEqual(answer);
  expect(kept.get(post('a', '/subjects/t'))).toBeUndefined();
  expect(kept.get(askedOf('POST /subjects/s', null))).toBeUndefined();
});

test('bodies of one sum are told apart by their bytes', () => {
  const kept = new KeptAnswers(() => 0);
  const asked = post('a');
  keep(kept, asked);
  expect(kept.get({ ...post('b'), sum: asked.sum })).toBeUndefined();
});

test('what was answered before a change is forgotten', () => {
  let changes = 0;
  const kept = new KeptAnswers(() => changes);
  keep(kept, post('a'));
  changes += 1;
  expect(kept.get(post('a'))).toBeUndefined();
  expect(kept.bytes).toBe(0);
  kept.offer(post('a'), answer);
  expect(kept.get(post('a'))).toEqual(answer);
});

test('the oldest go where there are too many, or too large ones', () => {
  const kept = new KeptAnswers(() => 0);
  for (let index = 0; index < 2_100; index += 1) keep(kept, post(`small ${index}`));
  expect(kept.get(post('small 0'))).toBeUndefined();
  expect(kept.get(post('small 2099'))).toEqual(answer);
  const large = Buffer.alloc(65_536);
  for (let index = 0; index < 400; index += 1) keep(kept, post(`large ${index}`), large);
  expect(kept.bytes).toBeLessThanOrEqual(16_777_216);
  expect(kept.get(post('large 399'))).toEqual(large);
  expect(kept.get(post('large 0'))).toBeUndefined();
  keep(kept, post('larger'), Buffer.alloc(65_537));
  expect(kept.get(post('larger'))).toBeUndefined();
});
