import { describe, expect, test } from '@jest/globals';
import { until } from './until.ts';

describe('until', () => {
  test('returns the first value that holds', async () => {
    let calls = 0;
    const third = async (): Promise<number | null> => {
      calls += 1;
      return calls === 3 ? calls : null;
    };
    await expect(until(third, { deadlineMs: 5000, what: 'three calls' })).resolves.toBe(3);
  });

  test('takes zero and the empty string for values', async () => {
    await expect(until(() => 0, { deadlineMs: 1000, what: 'zero' })).resolves.toBe(0);
    await expect(until(() => '', { deadlineMs: 1000, what: 'nothing' })).resolves.toBe('');
  });

  test('says at the deadline what it waited for and why it did not hold', async () => {
    const condition = (): boolean => {
      throw new Error('connection refused');
    };
    const waiting = until(condition, { deadlineMs: 60, what: 'the broker' });
    await expect(waiting).rejects.toMatchObject({
      message: 'waited 60 ms for the broker',
      cause: new Error('connection refused'),
    });
  });
});
