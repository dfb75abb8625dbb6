import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from '@jest/globals';
import { familyOf, isRunning, type ProcessIdentity } from '@penstock/brokers';
import { until } from '@penstock/testing';
import { type PlatformRecord, readRunningRecord } from './platform-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-up-'));
const main = join(import.meta.dirname, '../main.ts');
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly told: () => string;
  readonly ended: Promise<number | null>;
}

function penstock(...words: string[]): Run {
  const child = spawn(process.execPath, [main, ...words, '--folder', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const lines: string[] = [];
  let told = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, lines, told: () => told, ended };
}

async function up(): Promise<{ run: Run; record: PlatformRecord }> {
  const run = penstock('up', '--by', 'process', '-o', 'json');
  const what = (): string => `the platform to answer; it said:\n${run.told()}`;
  await until(() => run.lines.length > 0 || run.child.exitCode !== null, { deadlineMs: 90_000, what: what() });
  if (run.lines[0] === undefined) throw new Error(`no platform: ${run.told()}`);
  return { run, record: JSON.parse(run.lines[0]) as PlatformRecord };
}

function identitiesOf({ brokers, services }: PlatformRecord): ProcessIdentity[] {
  const pids = [...Object.values(brokers), ...Object.values(services)].flatMap(({ pid }) => (pid === null ? [] : [pid]));
  return pids.flatMap(familyOf);
}

test('killed without a word it leaves nothing running, goes on where it was, and is erased without a trace', async () => {
  const { run, record } = await up();
  const first = identitiesOf(record);
  expect(first.length).toBeGreaterThanOrEqual(10);
  expect(first.every(isRunning)).toBe(true);
  run.child.kill('SIGKILL');
  await until(() => !first.some(isRunning), { deadlineMs: 20_000, what: 'everything to be gone' });

  const again = await up();
  expect(again.record.ports).toEqual(record.ports);
  const status = penstock('status', '-o', 'json');
  expect(await status.ended).toBe(0);
  expect(JSON.parse(status.lines[0] as string).services).toHaveLength(6);
  const second = identitiesOf(again.record);
  const down = penstock('down', '--purge');
  expect(await down.ended).toBe(0);
  expect(await again.run.ended).toBe(0);
  expect(second.some(isRunning)).toBe(false);
  expect(readRunningRecord(folder)).toBeNull();
  expect(existsSync(folder)).toBe(false);
}, 240_000);
