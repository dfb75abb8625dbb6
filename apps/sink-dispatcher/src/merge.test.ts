import { expect, test } from '@jest/globals';
import { merge } from './merge.ts';

async function* count(name: string, to: number, asked: string[]): AsyncGenerator<string> {
  for (let at = 0; at < to; at += 1) {
    asked.push(`${name}${at}`);
    yield `${name}${at}`;
  }
}

test('everything comes, each stream in its own order', async () => {
  const items: string[] = [];
  for await (const item of merge([count('a', 3, []), count('b', 1, []), count('c', 0, [])])) items.push(item);
  expect(items.toSorted()).toEqual(['a0', 'a1', 'a2', 'b0']);
  expect(items.filter((item) => item.startsWith('a'))).toEqual(['a0', 'a1', 'a2']);
});

test('a stream is not read ahead of whoever takes', async () => {
  const asked: string[] = [];
  const merged = merge([count('a', 100, asked), count('b', 100, asked)]);
  await merged.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked.toSorted()).toEqual(['a0', 'b0']);
  await merged.return(undefined);
});

test('a stream that throws ends them all', async () => {
  const failing = (async function* () {
    yield 'x';
    throw new Error('away');
  })();
  const run = async (): Promise<void> => {
    for await (const _ of merge([count('a', 1_000_000, []), failing]));
  };
  await expect(run()).rejects.toThrow('away');
});
