import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from '@jest/globals';
import { familyOf, isRunning, type ProcessIdentity } from '@penstock/brokers';
import { until } from '@penstock/testing';
import type { Trace } from '../commands/trace-lines.ts';
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

const root = join(import.meta.dirname, '../../../..');

/** What a command prints as JSON; it must end with code 0. */
async function answerOf<Answer>(...words: string[]): Promise<Answer[]> {
  const run = penstock(...words, '-o', 'json');
  const code = await run.ended;
  if (code !== 0) throw new Error(`penstock ${words.join(' ')} ended with code ${code}: ${run.told()}`);
  return run.lines.map((line) => JSON.parse(line) as Answer);
}

let platform: Awaited<ReturnType<typeof up>>;

test('killed without a word it leaves nothing running, and goes on where it was', async () => {
  const first = await up();
  const identities = identitiesOf(first.record);
  expect(identities.length).toBeGreaterThanOrEqual(10);
  expect(identities.every(isRunning)).toBe(true);
  first.run.child.kill('SIGKILL');
  await until(() => !identities.some(isRunning), { deadlineMs: 20_000, what: 'everything to be gone' });
  platform = await up();
  expect(platform.record.ports).toEqual(first.record.ports);
}, 200_000);

test('a document is applied, readings are published, and each command tells what became of them', async () => {
  const [applied] = await answerOf<{ applied: boolean; stages: unknown[] }>(
    'apply',
    join(root, 'deploy/pipelines/rooms.yaml'),
    '--yes',
  );
  expect(applied).toMatchObject({ applied: true, pipeline: 'rooms' });
  const csv = join(folder, 'co2.csv');
  writeFileSync(csv, 'at,co2\n2015-01-01 10:00:00,600\n2015-01-01 10:00:30,-7\n2015-01-01 10:02:00,700\n');
  const fields = ['--field', 'observedAtMs=at', '--field', 'co2Ppm=co2', '--set', 'deviceId=one-co2', '--sequence', 'sequence'];
  const to = ['--topic', 'building/b/room/one/reading', '--time', 'at', '--scale', '0'];
  expect(await answerOf('publish', csv, ...to, ...fields)).toMatchObject([{ acknowledged: 3, outstanding: 0 }]);
  const letters = await until(
    async () => {
      const [found] = await answerOf<{ id: string; code: string }[]>('dlq', 'ls');
      return found?.length === 1 ? found : null;
    },
    { deadlineMs: 30_000, what: 'the dead letter' },
  );
  expect(letters[0]?.code).toBe('validate.out-of-range');
  expect(await answerOf('dlq', 'show', letters[0]?.id ?? '')).toMatchObject([
    { record: { id: 'one-co2/2', value: { co2Ppm: -7 } } },
  ]);
  expect(await answerOf('tail', 'rooms.raw', '--from', 'earliest', '--end')).toHaveLength(3);
  const [refused] = await answerOf<Trace>('trace', letters[0]?.id ?? '');
  expect(refused?.hops.map(({ place }) => place.split('/')[0])).toEqual(['rooms.raw', 'rooms.dead']);
  const read = await until(
    async () => {
      const [trace] = await answerOf<Trace>('trace', 'one-co2/1');
      return trace?.rows.length === 1 && trace.hops.length === 2 ? trace : null;
    },
    { deadlineMs: 30_000, what: 'the window and the row' },
  );
  expect(read.hops[1]?.madeOf?.ids).toEqual(['one-co2/1']);
  expect(read.rows[0]).toMatchObject({ table: 'readings', row: { co2_ppm: 600 } });
  const [status] = await answerOf<{ services: unknown[]; stages: { balances: boolean }[] }>('status');
  expect(status?.services).toHaveLength(6);
  expect(status?.stages.map(({ balances }) => balances)).toEqual(Array.from({ length: 6 }, () => true));
}, 120_000);

test('it is ended from another terminal and erased without a trace', async () => {
  const identities = identitiesOf(platform.record);
  expect(await answerOf('down', '--purge')).toMatchObject([{ stopped: true, purged: true, left: null }]);
  expect(await platform.run.ended).toBe(0);
  expect(identities.some(isRunning)).toBe(false);
  expect(readRunningRecord(folder)).toBeNull();
  expect(existsSync(folder)).toBe(false);
}, 60_000);
