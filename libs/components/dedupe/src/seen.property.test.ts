import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSeen, parseIdentity, remember, type Seen } from './seen.ts';

const limits = { windowMs: 1_000, bucketMs: 250 };
const identity = (number: number) => ({ owner: 'device', number, word: String(number) });

describe('identities', () => {
  test('end in a number of their owner, or are words', () => {
    expect(parseIdentity('hall/device-7/1024')).toEqual({ owner: 'hall/device-7', number: 1024, word: '1024' });
    expect(parseIdentity('device/007')).toEqual({ owner: 'device', number: null, word: '007' });
    expect(parseIdentity('9b2e')).toEqual({ owner: '', number: null, word: '9b2e' });
  });

  test('within the window every first is new and every repetition known, in any order and through a changelog', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 });
    fc.assert(
      fc.property(arrivals, (numbers) => {
        let seen = createSeen();
        const known = new Set<number>();
        for (const number of numbers) {
          expect(remember(seen, identity(number), { timeMs: number * 10, ...limits })).toBe(!known.has(number));
          known.add(number);
          seen = JSON.parse(JSON.stringify(seen)) as Seen;
        }
      }),
    );
  });

  test('a device that starts over is believed once its window has passed', () => {
    const seen = createSeen();
    expect(remember(seen, identity(1), { timeMs: 0, ...limits })).toBe(true);
    expect(remember(seen, identity(2), { timeMs: 2_000, ...limits })).toBe(true);
    expect(remember(seen, identity(1), { timeMs: 2_001, ...limits })).toBe(true);
  });

  test('a steady sequence is remembered in a few numbers, whatever its length', () => {
    const seen = createSeen();
    for (let number = 1; number <= 10_000; number += 1) remember(seen, identity(number), { timeMs: number, ...limits });
    expect(JSON.stringify(seen).length).toBeLessThan(400);
  });
});
