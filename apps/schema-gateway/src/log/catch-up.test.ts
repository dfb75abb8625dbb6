import { expect, test } from '@jest/globals';
import { type Clock, systemClock } from '@penstock/kernel';
import { CatchUp } from './catch-up.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

test('all who wait go by one round; who comes while it is under way waits for the next', async () => {
  const rounds: PromiseWithResolvers<void>[] = [];
  const sync = (): Promise<void> => {
    rounds.push(Promise.withResolvers());
    return (rounds.at(-1) as PromiseWithResolvers<void>).promise;
  };
  const catchUp = new CatchUp(sync, systemClock);
  const early = Promise.all(Array.from({ length: 100 }, () => catchUp.done()));
  await turn();
  expect(rounds).toHaveLength(1);
  let isLateDone = false;
  const late = Promise.all(Array.from({ length: 100 }, () => catchUp.done())).then(() => {
    isLateDone = true;
  });
  await turn();
  expect(rounds).toHaveLength(1);
  rounds[0]?.resolve();
  await early;
  await turn();
  expect(rounds).toHaveLength(2);
  expect(isLateDone).toBe(false);
  rounds[1]?.resolve();
  await late;
});

test('rounds do not follow each other faster than 100 a second', async () => {
  let rounds = 0;
  const catchUp = new CatchUp(async () => void (rounds += 1), systemClock);
  const startedMs = Date.now();
  for (let asked = 0; asked < 20; asked += 1) await catchUp.done();
  expect(rounds / Math.max(1, Date.now() - startedMs)).toBeLessThan(0.15);
});

test('nothing is said to be missing while Kafka is silent', async () => {
  const clock: Clock = { nowMs: () => 0, sleep: async () => undefined };
  const catchUp = new CatchUp(() => new Promise(() => undefined), clock);
  await expect(catchUp.done()).rejects.toMatchObject({ kind: { code: 'gateway.store-timeout' } });
});

test('a round that failed fails those who waited for it, and not the next', async () => {
  let rounds = 0;
  const sync = async (): Promise<void> => {
    rounds += 1;
    if (rounds === 1) throw new Error('ended');
  };
  const catchUp = new CatchUp(sync, systemClock);
  await expect(catchUp.done()).rejects.toThrow('ended');
  await catchUp.done();
});
