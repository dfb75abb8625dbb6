import { expect, test } from '@jest/globals';
import type { StateChange } from './delivery.ts';
import { createJsonCodec, StateStores } from './state.ts';

const counts = createJsonCodec<number>();

function shown(changes: readonly StateChange[]): string[] {
  const text = new TextDecoder();
  return changes.map(({ store, key, value }) => `${store} ${text.decode(key)} ${value === null ? 'gone' : text.decode(value)}`);
}

test('tells each key that changed once, with its last value, and nothing twice', () => {
  const state = new StateStores();
  const store = state.open('counts', counts);
  store.set('a', 1);
  store.set('b', 2);
  store.set('a', 3);
  expect(shown(state.drain())).toEqual(['counts a 3', 'counts b 2']);
  expect(state.drain()).toEqual([]);
});

test('a key that was deleted is gone, and one that comes back has its new value', () => {
  const state = new StateStores();
  const store = state.open('counts', counts);
  store.set('a', 1);
  store.set('b', 1);
  state.drain();
  store.delete('a');
  store.delete('b');
  store.delete('never');
  expect([store.get('a'), [...store.entries()]]).toEqual([undefined, []]);
  store.set('b', 2);
  expect(shown(state.drain())).toEqual(['counts a gone', 'counts b 2']);
  expect([...store.entries()]).toEqual([['b', 2]]);
  store.set('a', 5);
  expect(shown(state.drain())).toEqual(['counts a 5']);
});

test('comes back from its changes', async () => {
  const before = new StateStores();
  const store = before.open('counts', counts);
  store.set('a', 1);
  store.set('b', 2);
  const changes = before.drain();
  store.delete('a');
  changes.push(...before.drain());
  const after = await StateStores.restore(
    (async function* () {
      yield* changes;
    })(),
  );
  expect([...after.open('counts', counts).entries()]).toEqual([['b', 2]]);
  expect(after.drain()).toEqual([]);
});
