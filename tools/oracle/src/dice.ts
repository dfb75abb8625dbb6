import { createRandom } from '@penstock/kernel';

/** Chance with a seed: the same seed throws the same. */
export interface Dice {
  /** From 0 to below `sides`. */
  roll(sides: number): number;
  /** True once in `sides` throws. */
  once(sides: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
}

export function createDice(seed: number): Dice {
  const next = createRandom(seed);
  const roll = (sides: number): number => Math.floor(next() * sides);
  return {
    roll,
    once: (sides) => roll(sides) === 0,
    pick(values) {
      const value = values[roll(values.length)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    },
  };
}

/** A seed of its own for each pair, so that one can be looked at alone. */
export function seedOf(seed: number, index: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) >>> 0;
}
