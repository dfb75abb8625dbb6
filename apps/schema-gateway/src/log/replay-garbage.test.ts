import { expect, test } from '@jest/globals';
import { ReplayGarbage } from './replay-garbage.ts';

const nextTurn = (): Promise<void> => new Promise(setImmediate);
const largeBytes = 16_777_216;

function referTo(made: object): WeakRef<object> {
  return new WeakRef(made);
}

test('what was read is collected once it is much, and not any more when the topic was read', async () => {
  using garbage = new ReplayGarbage();
  const early = referTo({});
  await nextTurn();
  garbage.add(1);
  expect(early.deref()).toBeDefined();
  await nextTurn();
  garbage.add(largeBytes);
  expect(early.deref()).toBeUndefined();
  garbage[Symbol.dispose]();
  const late = referTo({});
  await nextTurn();
  garbage.add(largeBytes);
  expect(late.deref()).toBeDefined();
});
