import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { runJest } from './run-jest.ts';
import { selectTests } from './select-tests.ts';
import { add, exitCodeOf, lastLine, nothing, type Tally, withSkippedAsFailed } from './tally.ts';

/**
 * `npm test` runs all checks and all tests; `npm test -- <pattern> ...` the tests whose path matches. The last line reads
 * `N passed, N failed`.
 */
const root = resolve(import.meta.dirname, '../..');
const platformFolder = join(root, '.penstock');
const testFolder = join(platformFolder, `test-${process.pid}`);
const dataFolder = resolve(root, '../shared/data');
const ownAddresses = ['PENSTOCK_KAFKA', 'PENSTOCK_MQTT', 'PENSTOCK_REDIS', 'PENSTOCK_POSTGRES'];

async function main(patterns: readonly string[]): Promise<number> {
  process.chdir(root);
  removeStaleFolders();
  mkdirSync(testFolder, { recursive: true });
  try {
    const checked = patterns.length === 0 ? check() : nothing;
    const tested = await runTests(patterns);
    const total = add(checked, tested);
    const tally = process.env['CI'] === 'true' ? withSkippedAsFailed(total) : total;
    console.log(lastLine(tally));
    return exitCodeOf(tally);
  } finally {
    rmSync(testFolder, { recursive: true, force: true });
  }
}

/** All checks together count as one test. */
function check(): Tally {
  const { status } = spawnSync(process.execPath, [join(root, 'tools/tidy/check.ts')], { stdio: 'inherit' });
  return status === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

async function runTests(patterns: readonly string[]): Promise<Tally> {
  const { calm, faults, needsBrokers } = selectTests(root, patterns);
  console.error(`${calm.length + faults.length} test files${needsBrokers ? ', with real brokers' : ''}`);
  await using brokers = needsBrokers ? await startBrokers() : null;
  const env = environment(brokers);
  const first = await runJest({ files: calm, workers: 2, reportFile: join(testFolder, 'calm.json'), env });
  const second = await runJest({ files: faults, workers: 1, reportFile: join(testFolder, 'faults.json'), env });
  return add(first, second);
}

async function startBrokers(): Promise<Brokers> {
  const started = performance.now();
  const brokers = await openBrokers({ folder: join(testFolder, 'brokers') });
  console.error(`brokers answer after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return brokers;
}

/** Tests see the brokers started for them and never the user's own. */
function environment(brokers: Brokers | null): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ownAddresses) delete env[name];
  if (!env['PENSTOCK_DATA'] && existsSync(dataFolder)) env['PENSTOCK_DATA'] = dataFolder;
  if (brokers === null) return env;
  const addresses = Object.fromEntries(brokers.all.map(({ name, address }) => [name, address]));
  return { ...env, PENSTOCK_TEST_BROKERS: JSON.stringify(addresses) };
}

/** What a killed run left behind. Its brokers ended with it. */
function removeStaleFolders(): void {
  if (!existsSync(platformFolder)) return;
  for (const name of readdirSync(platformFolder)) {
    const pid = /^test-(\d+)$/.exec(name)?.[1];
    if (pid && !existsProcess(Number(pid))) rmSync(join(platformFolder, name), { recursive: true, force: true });
  }
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

process.exitCode = await main(process.argv.slice(2));
