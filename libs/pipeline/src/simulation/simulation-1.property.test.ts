import { expect, test } from '@jest/globals';
import { campaign } from './campaign.ts';

test('the pump keeps its promises in 1,000 seeded runs, half 1 of 2', async () => {
  const { violations, totals } = await campaign({ firstSeed: 1, seeds: 1_000 });
  console.info(totals);
  expect(violations).toEqual([]);
  for (const [fault, total] of Object.entries(totals)) expect([fault, total > 0]).toEqual([fault, true]);
}, 600_000);
