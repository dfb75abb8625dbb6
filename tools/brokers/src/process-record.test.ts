import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identityOf, isRunning, linesOfPs } from './process-identity.ts';
import { recordProcess, sweep } from './process-record.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function startSleeper() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  return { child, identity: identityOf(child.pid ?? 0) };
}

function writeRecord(owner: unknown, process: unknown): string {
  const file = join(folder, 'redis', 'pid.json');
  mkdirSync(join(folder, 'redis'));
  writeFileSync(file, JSON.stringify({ owner, process }));
  return file;
}

test('what a dead owner left is ended and forgotten', async () => {
  const { child, identity } = startSleeper();
  const file = writeRecord({ pid: process.pid, startedAt: 'another time' }, identity);
  const exit = once(child, 'exit');
  await sweep(folder);
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(existsSync(file)).toBe(false);
});

test('a process that only got the same id is left alone', async () => {
  const { child, identity } = startSleeper();
  try {
    writeRecord({ pid: process.pid, startedAt: 'another time' }, { ...identity, startedAt: 'earlier' });
    await sweep(folder);
    expect(isRunning(identity)).toBe(true);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a folder whose owner lives is refused', async () => {
  recordProcess(join(folder, 'redis'), identityOf(process.pid));
  await expect(sweep(folder)).rejects.toThrow(`in use by process ${process.pid}`);
});

test('where there is no /proc, ps tells the same', () => {
  const line = linesOfPs().find(({ pid }) => pid === process.pid);
  expect(line).toMatchObject({ parent: process.ppid });
});
