import { expect, test } from '@jest/globals';
import { until } from '@penstock/testing';
import { inOrder } from './in-order.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}

/** Answers when it is told to. */
function createDesk() {
  const begun: PromiseWithResolvers<number>[] = [];
  const begin = async (): Promise<{ answer: Promise<number> }> => {
    const desk = Promise.withResolvers<number>();
    begun.push(desk);
    return { answer: desk.promise };
  };
  return { begun, begin };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test('answers come in the order of the requests, whichever is ready first', async () => {
  const { begun, begin } = createDesk();
  const answers = collect(inOrder(numbers(3), { begin, underWayMax: 5 }));
  await until(() => begun.length === 3, { deadlineMs: 1_000, what: 'all three' });
  for (const index of [2, 0, 1]) begun[index]?.resolve(index);
  expect(await answers).toEqual([0, 1, 2]);
});

test('no more are taken in than may be under way', async () => {
  const { begun, begin } = createDesk();
  const answers = collect(inOrder(numbers(10), { begin, underWayMax: 3 }));
  for (let index = 0; index < 10; index += 1) {
    await until(() => begun.length > index, { deadlineMs: 1_000, what: `request ${index}` });
    expect(begun.length).toBeLessThanOrEqual(index + 3);
    begun[index]?.resolve(index);
  }
  expect(await answers).toHaveLength(10);
});

test('a failure ends the answers after those before it', async () => {
  const { begun, begin } = createDesk();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const answer of inOrder(numbers(3), { begin, underWayMax: 5 })) seen.push(answer);
  })();
  await until(() => begun.length === 3, { deadlineMs: 1_000, what: 'all three' });
  begun[1]?.reject(new Error('no'));
  begun[2]?.resolve(2);
  begun[0]?.resolve(0);
  await expect(reading).rejects.toThrow('no');
  expect(seen).toEqual([0]);
});

test('requests that cannot be begun are told after the answers to those before', async () => {
  const begin = async (request: number): Promise<{ answer: Promise<number> }> => {
    if (request === 2) throw new Error('not this one');
    return { answer: Promise.resolve(request) };
  };
  const seen: number[] = [];
  const reading = (async () => {
    for await (const answer of inOrder(numbers(9), { begin, underWayMax: 5 })) seen.push(answer);
  })();
  await expect(reading).rejects.toThrow('not this one');
  expect(seen).toEqual([0, 1]);
});

test('whoever stops reading stops the taking too', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<number> {
    for (;;) yield asked++;
  }
  const begin = async (request: number): Promise<{ answer: Promise<number> }> => ({ answer: Promise.resolve(request) });
  for await (const answer of inOrder(endless(), { begin, underWayMax: 2 })) if (answer === 5) break;
  await until(() => asked >= 6, { deadlineMs: 1_000, what: 'six' });
  const before = asked;
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(before);
});
