import { randomInt } from 'node:crypto';
import { createRandom, type Random } from '@penstock/kernel';

const seedMax = 2 ** 31;

/**
 * Wraps the body of a test that draws random numbers: `test('...', seeded((random, seed) => ...))`. The seed is
 * PENSTOCK_SEED or a fresh one; a failure says which, so that it can be repeated.
 */
export function seeded(body: (random: Random, seed: number) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const seed = Number(process.env['PENSTOCK_SEED'] ?? randomInt(seedMax));
    try {
      await body(createRandom(seed), seed);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Error(`${message}\n\nTo repeat this: PENSTOCK_SEED=${seed}`, { cause: thrown });
    }
  };
}
