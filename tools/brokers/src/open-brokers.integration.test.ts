import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@penstock/testing';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { connect, connectAsync } from 'mqtt';
import pg from 'pg';
import type { Broker } from './broker.ts';
import { type Brokers, declarations, openBrokers } from './open-brokers.ts';
import { findFreePort } from './ports.ts';
import { familyOf, isRunning, isStopped, type ProcessIdentity } from './process-identity.ts';

const folder = join(import.meta.dirname, `../../../.penstock/brokers-test-${process.pid}`);
const startsMs = 120_000;

function identitiesOf(all: readonly Broker[]): ProcessIdentity[] {
  return all.flatMap(({ pid }) => (pid === null ? [] : familyOf(pid)));
}

async function query(broker: Broker, sql: string): Promise<unknown[]> {
  const client = new pg.Client(broker.address);
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

describe('four real brokers', () => {
  let brokers: Brokers;
  beforeAll(async () => {
    brokers = await openBrokers({ folder });
  }, startsMs);
  afterAll(async () => brokers?.[Symbol.asyncDispose](), startsMs);

  test('Kafka killed and started again has what it acknowledged', async () => {
    const { kafka: broker } = brokers;
    const client = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'one' }, { value: 'two' }] });
    await producer.disconnect();
    const before = broker.pid;
    await broker.kill();
    await broker.start();
    expect(broker.pid).not.toBe(before);
    const offsets = await until(() => admin.fetchTopicOffsets('kept'), { deadlineMs: 30_000, what: 'the offsets of the topic' });
    expect(offsets).toEqual([{ partition: 0, offset: '2', high: '2', low: '0' }]);
    await admin.disconnect();
  }, 90_000);

  test('PostgreSQL killed and started again has what it committed', async () => {
    const { postgres: broker } = brokers;
    await query(broker, 'create table kept (n int)');
    await query(broker, 'insert into kept values (7)');
    await broker.kill();
    await broker.start();
    expect(await query(broker, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  test('Redis killed and started again has what it answered OK to', async () => {
    const { redis: broker } = brokers;
    const client = new Redis(broker.address);
    client.on('error', () => undefined);
    await client.set('kept', 'yes');
    await broker.kill();
    await broker.start();
    await expect(client.get('kept')).resolves.toBe('yes');
    client.disconnect();
  });

  test('Mosquitto keeps more for an absent session than its default of 1000, over a restart', async () => {
    const { mosquitto: broker } = brokers;
    const session = { clientId: 'absent', clean: false, protocolVersion: 4 as const };
    const first = await connectAsync(broker.address, session);
    await first.subscribeAsync('kept', { qos: 1 });
    await first.endAsync();
    const publisher = await connectAsync(broker.address);
    await Promise.all(Array.from({ length: 3000 }, (_, index) => publisher.publishAsync('kept', String(index), { qos: 1 })));
    await publisher.endAsync();
    await broker.stop();
    await broker.start();
    const received: string[] = [];
    // Not connectAsync: what is queued may arrive before its promise is looked at.
    const second = connect(broker.address, session);
    second.on('message', (_topic, payload) => received.push(payload.toString()));
    await until(() => received.length >= 3000, { deadlineMs: 20_000, what: '3000 queued publishes' });
    expect(received).toEqual(Array.from({ length: 3000 }, (_, index) => String(index)));
    await second.endAsync();
  });

  test.each(declarations)('$name frozen answers nothing, thawed it goes on', async ({ name, ready }) => {
    const broker = brokers[name];
    const family = familyOf(broker.pid ?? 0);
    await broker.freeze();
    await until(() => family.every(isStopped), { deadlineMs: 5000, what: `${name} and its children to stop` });
    await expect(ready(broker.port)).rejects.toThrow(/no answer|timeout/);
    await broker.thaw();
    await broker.ready();
  });

  test('a folder in use is refused to a second owner', async () => {
    await expect(openBrokers({ folder, names: ['redis'] })).rejects.toThrow('in use by process');
  });

  test('closing ends every process and erases the data', async () => {
    const processes = identitiesOf(brokers.all);
    expect(processes.length).toBeGreaterThan(4);
    await brokers[Symbol.asyncDispose]();
    expect(processes.filter(isRunning)).toEqual([]);
    for (const { name } of brokers.all) expect(existsSync(join(folder, name))).toBe(false);
  }, 60_000);
});

describe('brokers and their owner', () => {
  const ownedFolder = `${folder}-owned`;
  afterAll(() => rmSync(ownedFolder, { recursive: true, force: true }));

  test('an owner killed with SIGKILL leaves nothing running, and its folder can be used again', async () => {
    const { owner, processes } = await startOwner(ownedFolder);
    expect(processes.length).toBeGreaterThan(2);
    owner.kill('SIGKILL');
    await until(() => !processes.some(isRunning), { deadlineMs: 10_000, what: 'the brokers of a dead owner to end' });
    await using again = await openBrokers({ folder: ownedFolder, names: ['redis', 'postgres'] });
    await again.postgres.ready();
  }, 60_000);

  test('Ctrl-C ends the brokers in good order', async () => {
    const { owner, processes } = await startOwner(ownedFolder);
    const exit = once(owner, 'exit');
    owner.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(processes.filter(isRunning)).toEqual([]);
  }, 60_000);

  test('a port that is taken is named', async () => {
    const port = await findFreePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const opening = openBrokers({ folder: ownedFolder, names: ['redis'], ports: { redis: port } });
    await expect(opening).rejects.toThrow(`redis: port ${port} is in use`);
    server.close();
  });
});

async function startOwner(ownedFolder: string): Promise<{ owner: ChildProcess; processes: ProcessIdentity[] }> {
  const args = [join(import.meta.dirname, 'main.ts'), 'up', '--folder', ownedFolder, '--only', 'redis,postgres'];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const addresses = JSON.parse(line) as Record<string, { pid: number }>;
  return { owner, processes: Object.values(addresses).flatMap(({ pid }) => familyOf(pid)) };
}
