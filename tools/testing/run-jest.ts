import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JestReport, nothing, type Tally, tallyOf } from './tally.ts';

const jest = join(import.meta.dirname, '../../node_modules/jest/bin/jest.js');
const nodeFlags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const aliveMs = 30_000;
/** How long jest may linger after its report: whatever keeps it alive was left open by a test. */
const lingerMs = 20_000;

export interface JestRun {
  readonly files: readonly string[];
  readonly workers: number;
  readonly reportFile: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs jest on exactly these files, shows its output, and counts. */
export async function runJest(run: JestRun): Promise<Tally> {
  if (run.files.length === 0) return nothing;
  const mode = run.workers === 1 ? ['--runInBand'] : [`--maxWorkers=${run.workers}`];
  const args = [...nodeFlags, jest, ...mode, '--json', `--outputFile=${run.reportFile}`, '--runTestsByPath', ...run.files];
  // With --json the report goes to standard output as well; what people read goes to standard error.
  const child = spawn(process.execPath, args, { env: run.env, stdio: ['ignore', 'ignore', 'inherit'] });
  const exitCode = await watch(child, run.reportFile);
  const report = existsSync(run.reportFile) ? (JSON.parse(readFileSync(run.reportFile, 'utf8')) as JestReport) : null;
  return tallyOf(report, exitCode);
}

async function watch(child: ChildProcess, reportFile: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const started = performance.now();
  const alive = setInterval(() => console.error(`  … tests run since ${seconds(started)} s`), aliveMs);
  let reported: number | null = null;
  const linger = setInterval(() => {
    if (existsSync(reportFile)) reported ??= performance.now();
    if (reported === null || performance.now() - reported < lingerMs) return;
    console.error(
      `jest reported and did not end for ${lingerMs / 1000} s: a test left a handle open. Ending it; this counts as a failure.`,
    );
    child.kill('SIGKILL');
  }, 1000);
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 1));
  const exitCode = await promise;
  clearInterval(alive);
  clearInterval(linger);
  return exitCode;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}
