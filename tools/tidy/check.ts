import { delimiter, join, resolve } from 'node:path';
import { type Check, createChecks } from './checks.ts';

/** `npm run check`: everything a machine can judge, one line each, with details where something is wrong. */
const root = resolve(import.meta.dirname, '../..');

async function main(): Promise<number> {
  process.chdir(root);
  // The tools are scripts: let them find the pinned Node before the system's.
  process.env['PATH'] = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const passed = await Promise.all(createChecks().map(judge));
  return passed.every(Boolean) ? 0 : 1;
}

async function judge(check: Check): Promise<boolean> {
  const started = performance.now();
  const complaint = await check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${complaint === '' ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
  if (complaint !== '') console.log(complaint.replaceAll(/^/gm, '  '));
  return complaint === '';
}

process.exitCode = await main();
