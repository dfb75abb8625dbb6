import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cached } from './cache.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('two who want the same build it once', async () => {
  let builds = 0;
  const build = async (target: string): Promise<void> => {
    builds += 1;
    writeFileSync(join(target, 'done'), '');
  };
  const [one, two] = await Promise.all([cached(folder, 'kafka', build), cached(folder, 'kafka', build)]);
  expect(one).toBe(two);
  expect(builds).toBe(1);
  expect(existsSync(join(one, 'done'))).toBe(true);
});

test('a build that failed is tried again, from nothing', async () => {
  const failing = async (target: string): Promise<void> => {
    writeFileSync(join(target, 'half'), '');
    throw new Error('connection lost');
  };
  await expect(cached(folder, 'kafka', failing)).rejects.toThrow('connection lost');
  const target = await cached(folder, 'kafka', async () => undefined);
  expect(existsSync(join(target, 'half'))).toBe(false);
});

test('the lock of a process that died is taken over', async () => {
  writeFileSync(join(folder, 'kafka.lock'), JSON.stringify({ pid: process.pid, startedAt: 'another time' }));
  await expect(cached(folder, 'kafka', async () => undefined)).resolves.toBe(join(folder, 'kafka'));
});
