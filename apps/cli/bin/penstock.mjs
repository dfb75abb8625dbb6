#!/usr/bin/env node
/*
 * The command `penstock`, on whatever Node the user has: plain JavaScript, nothing but Node itself. Runs the real one on the Node
 * that the lockfile pins.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const main = join(root, 'apps/cli/src/main.ts');
const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');

if (!existsSync(join(root, 'node_modules/.penstock-installed'))) {
  const { status } = spawnSync(process.execPath, [join(root, 'tools/bootstrap/install.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
if (!existsSync(pinned) || process.execPath === pinned) {
  module.enableCompileCache?.(join(root, '.penstock/cache/compiled'));
  await import(main);
} else {
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child as well; it decides when to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(signal === null ? code : 1));
}
