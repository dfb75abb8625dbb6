import { describe, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import { untilKnown } from './persistence.ts';
import { closed, limitChanged, problemOf, sequenceLost, unauthorised, unreachable } from './problems.ts';

/** Time passes only by sleeping. */
function createClock(): Clock & { sleptMs: number[] } {
  let nowMs = 0;
  const sleptMs: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
    sleptMs.push(ms);
  };
  return { sleptMs, nowMs: () => nowMs, sleep };
}

const failing = (times: number, code: number): (() => Promise<string>) => {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw new KafkaError(code, 'no');
    return 'stored';
  };
};

describe('a request whose outcome is unknown', () => {
  const signal = new AbortController().signal;

  test('is sent again for hours, with waits of at most a second', async () => {
    const clock = createClock();
    expect(await untilKnown({ clock, signal, withinMs: null }, failing(10_000, kafkaCode.noAnswer))).toBe('stored');
    expect(Math.max(...clock.sleptMs)).toBe(1_000);
    expect(clock.nowMs()).toBeGreaterThan(9_000_000);
  });

  test('waits 20 ms for another transaction each time', async () => {
    const clock = createClock();
    await untilKnown({ clock, signal, withinMs: 30_000 }, failing(50, kafkaCode.concurrentTransactions));
    expect(new Set(clock.sleptMs)).toEqual(new Set([20]));
  });

  test('ends at its limit, at once on an answer that will not change, and when it is let go', async () => {
    const clock = createClock();
    await expect(untilKnown({ clock, signal, withinMs: 5_000 }, failing(10_000, kafkaCode.noAnswer))).rejects.toMatchObject({
      code: kafkaCode.noAnswer,
    });
    expect(clock.nowMs()).toBeGreaterThan(5_000);
    await expect(untilKnown({ clock, signal, withinMs: null }, failing(1, kafkaCode.producerFenced))).rejects.toMatchObject({
      code: kafkaCode.producerFenced,
    });
    await expect(
      untilKnown({ clock, signal, withinMs: null }, failing(10_000, kafkaCode.unknownTopicOrPartition)),
    ).rejects.toMatchObject({ code: 3 });
    const ending = new AbortController();
    ending.abort(closed('let go'));
    await expect(untilKnown({ clock, signal: ending.signal, withinMs: null }, failing(0, 0))).rejects.toThrow('let go');
  });
});

test('answers become problems with the remedy that fits', () => {
  const remedyOf = (code: number): unknown => (problemOf(new KafkaError(code, 'x'), 'test') as { remedy: string }).remedy;
  const caused = (kind: { caused(thrown: unknown): boolean }, code: number): boolean =>
    kind.caused(problemOf(new KafkaError(code, 'x'), 'test'));
  expect(caused(unreachable, kafkaCode.noAnswer)).toBe(true);
  expect(caused(unauthorised, kafkaCode.topicUnauthorised)).toBe(true);
  expect(caused(limitChanged, kafkaCode.recordTooLarge)).toBe(true);
  expect(caused(sequenceLost, kafkaCode.outOfOrderSequence)).toBe(true);
  expect(problemOf(new KafkaError(kafkaCode.producerFenced, 'x'), 'test')).toMatchObject({ kind: { code: 'lane.fenced' } });
  expect([kafkaCode.noAnswer, kafkaCode.invalidTimestamp, kafkaCode.invalidTopic].map(remedyOf)).toEqual([
    'retry',
    'reject',
    'stop',
  ]);
  const defect = new TypeError('a bug');
  expect(problemOf(defect, 'test')).toBe(defect);
});
