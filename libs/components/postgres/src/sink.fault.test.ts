import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { randomName, seeded, until } from '@penstock/testing';
import type { WorkerOrder } from './testing/fault-worker.ts';
import { ask } from './testing/rooms-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-sink-'));
const lanes = ['numbers-0', 'numbers-1'];
const rowsPerLane = 40_000;
let brokers: Brokers;

beforeAll(async () => {
  brokers = await openBrokers({ folder: join(folder, 'brokers'), names: ['postgres'] });
}, 60_000);

afterAll(async () => {
  await brokers[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Worker extends AsyncDisposable {
  readonly settled: number;
  readonly waits: readonly string[];
  readonly ended: Promise<number | null>;
  kill(): Promise<unknown>;
}

function startWorker(order: WorkerOrder): Worker {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'testing/fault-worker.ts'), JSON.stringify(order)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const waits: string[] = [];
  let settled = 0;
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (line.startsWith('settled')) settled += 1;
    else waits.push(line);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const kill = (): Promise<unknown> => {
    child.kill('SIGKILL');
    return ended;
  };
  return {
    get settled() {
      return settled;
    },
    waits,
    ended,
    kill,
    [Symbol.asyncDispose]: async () => void (await kill()),
  };
}

const flowing = (worker: Worker, deliveries: number): Promise<true> =>
  until(() => worker.settled >= deliveries, {
    deadlineMs: 20_000,
    what: `${deliveries} deliveries; it waited for ${worker.waits.at(-1)}`,
  });

/** Waits for a moment in which a transaction is under way. */
async function inTransaction(address: string): Promise<void> {
  const open = `select from pg_stat_activity where application_name = 'penstock' and xact_start is not null`;
  await until(async () => (await ask(address, open)).length > 0, { deadlineMs: 5_000, what: 'a transaction' });
}

test(
  'each record is a row exactly once and in order, with the worker killed in mid-transaction, PostgreSQL restarted and frozen',
  seeded(async (random) => {
    const address = brokers.postgres.address;
    const schema = randomName('fault');
    const unprotected = process.env['PENSTOCK_UNPROTECTED'] === '1'; // red on purpose, by hand
    const order: WorkerOrder = { url: address, schema, lanes, rowsPerLane, folder, unprotected };
    for (let kills = 0; kills < 4; kills += 1) {
      await using worker = startWorker(order);
      await flowing(worker, 5 + Math.floor(random() * 80));
      await inTransaction(address);
      await worker.kill();
    }
    await using last = startWorker(order);
    for (const end of ['stop', 'kill', 'freeze'] as const) {
      await flowing(last, last.settled + 20 + Math.floor(random() * 80));
      const before = last.waits.length;
      await brokers.postgres[end]();
      await until(() => last.waits.length > before, { deadlineMs: 20_000, what: `the worker to feel the ${end}` });
      await brokers.postgres[end === 'freeze' ? 'thaw' : 'start']();
    }
    expect(await last.ended).toBe(0);
    for (const lane of lanes) {
      const rows = await ask<{ number: string; nth: string }>(
        address,
        `select number, nth from ${schema}.numbers where id like $1 order by written`,
        [`${lane}/%`],
      );
      expect(rows).toHaveLength(rowsPerLane);
      expect(rows.every(({ number, nth }, at) => Number(number) === at && Number(nth) === at + 1)).toBe(true);
    }
  }),
  120_000,
);
