import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isRunning, type ProcessIdentity } from '@penstock/brokers';
import { until } from '@penstock/testing';
import { type PlatformEvent, sentenceOf } from './platform-event.ts';
import { ServiceProcess } from './service-process.ts';

let folder = '';
let said: PlatformEvent[] = [];
let service: ServiceProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-service-'));
  said = [];
});
afterEach(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ready = `console.log(JSON.stringify({ event: 'service.ready', service: 'one', grpc: '127.0.0.1:1', run: process.pid }));`;
const drains = `process.once('SIGTERM', () => { console.log('drained'); process.exit(0); }); setInterval(() => undefined, 1000);`;

function serviceOf(program: string, more: { drainMs?: number; startMs?: number } = {}): ServiceProcess {
  const entry = join(folder, 'program.mjs');
  writeFileSync(entry, program);
  service = new ServiceProcess({
    name: 'one',
    entry,
    env: process.env,
    folder: join(folder, 'one'),
    logFile: join(folder, 'logs/one.log'),
    startMs: 10_000,
    drainMs: 5_000,
    ...more,
    said: (event) => said.push(event),
    changed: () => undefined,
    random: () => 0,
  });
  return service;
}

const happened = (): string[] => said.map(({ event }) => event);

test('a service is ready when it says so, and its facts are its own', async () => {
  const one = serviceOf(ready + drains);
  await one.start();
  expect(one.facts).toMatchObject({ grpc: '127.0.0.1:1', run: one.pid });
  expect(await one.stop()).toBe(0);
  expect(happened()).toEqual(['ready', 'ended']);
  expect(one.pid).toBeNull();
  expect(readFileSync(join(folder, 'logs/one.log'), 'utf8')).toContain('drained');
});

test('a service that is killed is started again, and that is said', async () => {
  const one = serviceOf(ready + drains);
  await one.start();
  const { pid: first } = one;
  await one.kill();
  await until(() => happened().includes('back'), { deadlineMs: 10_000, what: 'the service to be back' });
  expect(one.pid).not.toBe(first);
  expect(one.restarts).toBe(1);
  expect(said.map(sentenceOf)[1]).toBe('one was ended by SIGKILL; starts again in 0.0 s');
});

test('a service that cannot start is named with its own last words', async () => {
  const one = serviceOf(`console.log(JSON.stringify({ event: 'service.failed', message: 'no Kafka at all' })); process.exit(2);`);
  await expect(one.start()).rejects.toThrow('one ended with code 2 before it was ready: no Kafka at all');
});

test('a service that says nothing in time is ended', async () => {
  const one = serviceOf(drains, { startMs: 500 });
  const starting = one.start().catch((thrown: unknown) => thrown);
  const identity = await until(() => recordOf(), { deadlineMs: 5_000, what: 'its record' });
  expect(String(await starting)).toContain('one is not ready after 0.5 s');
  expect(isRunning(identity)).toBe(false);
});

test('a service that does not drain in time is killed', async () => {
  const one = serviceOf(`${ready} process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`, { drainMs: 200 });
  await one.start();
  expect(await one.stop()).toBeNull();
  expect(said.at(-1)).toMatchObject({ event: 'ended', how: 'was ended by SIGKILL' });
});

function recordOf(): ProcessIdentity {
  const { process } = JSON.parse(readFileSync(join(folder, 'one/pid.json'), 'utf8')) as { process: ProcessIdentity };
  return process;
}
