import { afterEach, describe, expect, test } from '@jest/globals';
import { seeded } from './seeded.ts';

describe('seeded', () => {
  const before = process.env['PENSTOCK_SEED'];
  afterEach(() => {
    if (before === undefined) delete process.env['PENSTOCK_SEED'];
    else process.env['PENSTOCK_SEED'] = before;
  });

  test('a failure names the seed that repeats it', async () => {
    process.env['PENSTOCK_SEED'] = '42';
    const failing = seeded((_random, seed) => {
      throw new Error(`broke with ${seed}`);
    });
    await expect(failing()).rejects.toThrow('broke with 42\n\nTo repeat this: PENSTOCK_SEED=42');
  });

  test('two runs without a seed draw different ones', async () => {
    delete process.env['PENSTOCK_SEED'];
    const seeds = new Set<number>();
    const draw = seeded((_random, seed) => void seeds.add(seed));
    for (let run = 0; run < 5; run += 1) await draw();
    expect(seeds.size).toBeGreaterThan(1);
  });
});
