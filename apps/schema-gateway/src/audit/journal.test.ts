import { expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import type { Caller } from '../access/caller.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import type { LogRecord } from '../log/records.ts';
import { State } from '../log/state.ts';
import { Journal } from './journal.ts';

const caller = (peer: string): Caller => ({ principal: 'anonymous', peer, door: 'rest', grants: null, appliesDocument: false });
const attempt = { action: 'GET /subjects', subject: '', reason: 'Unauthorized' };

test('whoever knocks however often fills neither log nor topic', async () => {
  const pause = Promise.withResolvers<void>();
  const clock: Clock = { nowMs: () => 0, sleep: () => pause.promise };
  const stored: (readonly LogRecord[])[] = [];
  const told: string[] = [];
  const log: Pick<GatewayLog, 'change'> = {
    async change(decide) {
      const { records, answer } = decide(new State());
      stored.push(records);
      return answer;
    },
  };
  const journal = new Journal({ log, clock, tell: (event) => void told.push(event), signal: new AbortController().signal });
  for (let each = 0; each < 1_000; each += 1) journal.denied({ caller: caller('10.0.0.1'), ...attempt });
  expect(told).toHaveLength(5);
  for (let each = 0; each < 1_000; each += 1) journal.denied({ caller: caller(`10.0.1.${each}`), ...attempt });
  pause.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(stored.map((records) => records.length)).toEqual([1, 100]);
  expect(JSON.parse(stored[0]?.[0]?.value ?? '')).toMatchObject({ outcome: 'denied', principal: 'anonymous', peer: '10.0.0.1' });
});

test('what was done elsewhere is stored when Kafka takes it, and nobody waits for that for long', async () => {
  const clock: Clock = { nowMs: () => 0, sleep: async () => undefined };
  const stored: string[] = [];
  let failures = 3;
  const log: Pick<GatewayLog, 'change'> = {
    async change(decide) {
      const { records, answer } = decide(new State());
      failures -= 1;
      if (failures >= 0) throw new Error('Kafka is away');
      stored.push(...records.map(({ value }) => value ?? ''));
      return answer;
    },
  };
  const told: string[] = [];
  const journal = new Journal({ log, clock, tell: (event) => void told.push(event), signal: new AbortController().signal });
  await journal.done({ caller: caller('10.0.0.1'), action: 'schema.register', subject: 'rooms', reason: null });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['access.done', 'access.kept-later', 'access.kept-later', 'access.kept-later']);
  expect(stored.map((value) => JSON.parse(value))).toEqual([
    expect.objectContaining({ outcome: 'done', action: 'schema.register' }),
  ]);
});
