import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eraseDownloads } from './erase.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-downloads-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('downloads are kept as long as a program runs from them', async () => {
  writeFileSync(join(folder, 'program.mjs'), `process.stdin.resume();`);
  const program = spawn(process.execPath, [join(folder, 'program.mjs')], { stdio: ['pipe', 'ignore', 'ignore'] });
  await new Promise((resolve) => program.once('spawn', resolve));
  expect(eraseDownloads(folder)).toBe(program.pid);
  program.kill('SIGKILL');
  await new Promise((resolve) => program.once('exit', resolve));
  expect(eraseDownloads(folder)).toBeNull();
  expect(existsSync(folder)).toBe(false);
});
