import { expect, test } from '@jest/globals';
import { campaign } from './campaign.ts';

test('the pump keeps its promises in 1,000 seeded runs, half 2 of 2', async () => {
  const { violations, totals } = await campaign({ firstSeed: 1001, seeds: 1_000 });
  console.info(totals);
  expect(violations).toEqual([]);
  for (const [fault, total] of Object.entries(totals)) expect([fault, total > 0]).toEqual([fault, true]);
}, 600_000);
