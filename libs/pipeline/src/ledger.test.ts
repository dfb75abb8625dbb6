import { expect, test } from '@jest/globals';
import { createFateCounts, type Delivery } from './delivery.ts';
import { Ledger } from './ledger.ts';

const delivery = (to: number): Delivery => ({
  lane: 'topic/0',
  from: 0,
  to,
  outputs: [],
  changes: [],
  fates: createFateCounts(),
  refusals: [],
});

test('balances while rows are in flight, settled, and given back', () => {
  const ledger = new Ledger();
  let held = 0;
  ledger.opened('topic/0', () => held);
  held = 10;
  ledger.consumed(10);
  expect([ledger.balances(), ledger.read().inFlight]).toEqual([true, 10]);
  held = 4;
  ledger.settled(delivery(6), createFateCounts({ forwarded: 5, rejected: 1 }));
  expect(ledger.balances()).toBe(true);
  ledger.released('topic/0');
  expect(ledger.read()).toMatchObject({ consumed: 6, inFlight: 0, fates: { forwarded: 5, rejected: 1 } });
  expect(ledger.read().positions.get('topic/0')).toBe(6);
});

test('a row without a fate shows', () => {
  const ledger = new Ledger();
  ledger.opened('topic/0', () => 0);
  ledger.consumed(3);
  ledger.settled(delivery(3), createFateCounts({ forwarded: 2 }));
  expect(ledger.balances()).toBe(false);
});
