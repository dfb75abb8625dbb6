import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { systemClock } from '@penstock/kernel';
import { randomName, until } from '@penstock/testing';
import { type MqttPublisher, openMqttPublisher } from './publisher.ts';
import { type MqttSource, openMqttSource } from './source.ts';
import { CollectingSink, startPump, withoutDuplicates } from './testing/collecting-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-mqtt-'));
const opened: AsyncDisposable[] = [];
const keep = <Each extends AsyncDisposable>(each: Each): Each => {
  opened.push(each);
  return each;
};
let own: Brokers;

beforeAll(async () => {
  own = await openBrokers({ folder: join(folder, 'brokers'), names: ['mosquitto'] });
}, 60_000);

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Settings = Partial<Parameters<typeof openMqttSource>[0]>;
const openSource = (name: string, settings: Settings = {}): MqttSource =>
  openMqttSource({ url: own.mosquitto.address, clientId: name, topics: [`${name}/#`], ...settings }, { clock: systemClock });
const openPublisher = async (name: string, acknowledgedFile?: string): Promise<MqttPublisher> =>
  keep(
    await openMqttPublisher(
      { url: own.mosquitto.address, clientId: `${name}-publisher`, reconnectMs: 100, windowRows: 100 },
      acknowledgedFile === undefined ? {} : { acknowledgedFile },
    ),
  );

/** Publishes numbers until told to stop; resolves when the last of them is acknowledged. */
function publishSteadily(publisher: MqttPublisher, name: string): { stop(): Promise<number> } {
  let going = true;
  const run = async (): Promise<number> => {
    let last: Promise<void> = Promise.resolve();
    let number = 0;
    for (; going; number += 1) {
      await publisher.room();
      last = publisher.publish({ topic: `${name}/device`, payload: String(number), id: String(number) });
      if (number % 20 === 0) await systemClock.sleep(5);
    }
    await last;
    return number;
  };
  const ended = run();
  return {
    stop() {
      going = false;
      return ended;
    },
  };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

describe.each(['5', '3.1.1'] as const)('MQTT %s', (protocol) => {
  test('a sink that hangs for three keepalives breaks no connection and fills no memory', async () => {
    const name = randomName('hang');
    const source = openSource(name, { protocol, keepaliveMs: 1_000, windowRows: 100 });
    const sink = new CollectingSink();
    const pump = keep(startPump(source, sink));
    await until(() => source.reading().connected, { deadlineMs: 5_000, what: 'a connection' });
    const publishing = publishSteadily(await openPublisher(name), name);
    await until(() => sink.stored.length > 0, { deadlineMs: 5_000, what: 'a first record' });
    sink.hold();
    await until(() => source.reading().heldRows === 100, { deadlineMs: 5_000, what: 'a full window' });
    const before = process.memoryUsage().rss;
    const heldSinceMs = performance.now();
    await until(() => performance.now() - heldSinceMs > 3_500, { deadlineMs: 5_000, what: 'three keepalives' });
    expect(source.reading()).toMatchObject({ connections: 1, connected: true, heldRows: 100 });
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    sink.release();
    const count = await publishing.stop();
    await until(() => sink.stored.length >= count - 1, { deadlineMs: 20_000, what: 'all records' });
    const stored = sink.payloads();
    expect(stored.slice(0, count)).toEqual(numbers(count).slice(count - stored.length));
    expect(pump.waited).toEqual([]);
    expect(source.reading().connections).toBe(1);
  }, 60_000);

  test('a broker that forgets what it had acknowledged: what the source had received is stored all the same', async () => {
    const name = randomName('memory');
    const source = openSource(name, { protocol, windowRows: 200 });
    const sink = new CollectingSink();
    const pump = keep(startPump(source, sink));
    const publisher = await openPublisher(name);
    await subscribed(name, source, publisher);
    sink.hold();
    await publishAll(publisher, name, [0, 150]);
    await until(() => source.reading().heldRows >= 150, { deadlineMs: 5_000, what: 'all of it in the window' });
    await own.mosquitto.kill(); // nothing was saved since
    await own.mosquitto.start();
    expect(source.reading()).toMatchObject({ connected: false, connections: 1 });
    sink.release();
    await until(() => source.reading().connections === 2, { deadlineMs: 10_000, what: 'a new connection' });
    expect(sink.payloads().filter((payload) => payload !== 'probe')).toEqual(numbers(150));
    expect(pump.waited).toContain('mqtt.connection-lost');
  }, 60_000);

  test('a broker that is killed and comes back costs nothing that it had saved, and no order', async () => {
    const name = randomName('broker');
    const file = join(folder, `${name}.txt`);
    const source = openSource(name, { protocol, windowRows: 200 });
    const sink = new CollectingSink();
    keep(startPump(source, sink));
    const publisher = await openPublisher(name, file);
    await subscribed(name, source, publisher);
    sink.hold();
    await publishAll(publisher, name, [0, 1_000]);
    await until(() => source.reading().heldRows === 200, { deadlineMs: 10_000, what: 'a full window' });
    await saveStore();
    await own.mosquitto.kill();
    const late = publishAll(publisher, name, [1_000, 1_050]); // sent again until the broker that comes back has them
    await own.mosquitto.start();
    await until(() => publisher.connections === 2, { deadlineMs: 10_000, what: 'the publisher' });
    await late;
    sink.release();
    const stored = (): string[] => sink.payloads().filter((payload) => payload !== 'probe');
    await until(() => new Set(stored()).size >= 1_050, { deadlineMs: 20_000, what: '1050 records' });
    expect(linesOf(file)).toEqual(numbers(1_050));
    expect(withoutDuplicates(stored())).toEqual(numbers(1_050));
    expect(stored().length).toBeGreaterThan(1_050); // else nothing was redelivered and the run proves nothing
  }, 60_000);
});

/** SUBSCRIBE is on its way when the connection stands: a probe that comes through tells that it has arrived. */
async function subscribed(name: string, source: MqttSource, publisher: MqttPublisher): Promise<void> {
  await until(
    async () => {
      if (source.reading().received > 0) return true;
      await publisher.publish({ topic: `${name}/device`, payload: 'probe' });
      return false;
    },
    { deadlineMs: 10_000, what: 'a subscription' },
  );
}

async function publishAll(publisher: MqttPublisher, name: string, [from, to]: [number, number]): Promise<void> {
  const sent = Array.from({ length: to - from }, (_, index) => String(from + index));
  await Promise.all(sent.map((number) => publisher.publish({ topic: `${name}/device`, payload: number, id: number })));
}

/** Mosquitto acknowledges before it saves: SIGUSR1 makes it save now. */
async function saveStore(): Promise<void> {
  const store = join(folder, 'brokers/mosquitto/data/mosquitto.db');
  const savedAtMs = (): number => (existsSync(store) ? statSync(store).mtimeMs : 0);
  const before = savedAtMs();
  process.kill(own.mosquitto.pid as number, 'SIGUSR1');
  await until(() => savedAtMs() > before, { deadlineMs: 5_000, what: 'a saved store' });
}

function startProcess(name: string, file: string): ChildProcess {
  const script = join(import.meta.dirname, 'testing/pump-process.ts');
  return spawn(process.execPath, [script, own.mosquitto.address, name, `${name}/#`, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('exit', (code) => resolve(code));
  child.kill(signal);
  return promise;
}

test('a process that is killed again and again loses nothing: what it had not settled comes again', async () => {
  const name = randomName('process');
  const file = join(folder, `${name}.txt`);
  appendFileSync(file, '');
  let child = startProcess(name, file);
  try {
    const publisher = await openPublisher(name);
    await until(
      async () => {
        await publisher.publish({ topic: `${name}/probe`, payload: 'probe' });
        return linesOf(file).length > 0;
      },
      { deadlineMs: 10_000, what: 'a subscription' },
    );
    const publishing = publishSteadily(publisher, name);
    for (let kill = 1; kill <= 4; kill += 1) {
      const before = linesOf(file).length;
      await until(() => linesOf(file).length > before + 200, { deadlineMs: 20_000, what: 'progress' });
      await endOf(child, 'SIGKILL');
      child = startProcess(name, file);
    }
    const count = await publishing.stop();
    const stored = (): string[] => linesOf(file).filter((line) => line !== 'probe');
    await until(() => new Set(stored()).size >= count, { deadlineMs: 30_000, what: `${count} records` });
    expect(withoutDuplicates(stored())).toEqual(numbers(count));
    expect(linesOf(`${file}.taken`).length).toBeGreaterThan(linesOf(file).length + 4); // else the kills hit nothing
  } finally {
    expect(await endOf(child, 'SIGTERM')).toBe(0);
  }
}, 90_000);

test('bad credentials are an outage with a name, and are over when the broker knows the client', async () => {
  const name = randomName('credentials');
  const configuration = join(folder, 'brokers/mosquitto/config/mosquitto.conf');
  const open = readFileSync(configuration, 'utf8');
  const reload = async (text: string): Promise<void> => {
    rmSync(configuration);
    appendFileSync(configuration, text);
    process.kill(own.mosquitto.pid as number, 'SIGHUP');
  };
  await reload(open.replace('allow_anonymous true', 'allow_anonymous false'));
  try {
    await until(
      async () => {
        await using publisher = await openMqttPublisher({ url: own.mosquitto.address, clientId: 'p' }).catch((thrown) => {
          if (thrown.code === 'mqtt.unauthorised') return null;
          throw thrown;
        });
        return publisher === null;
      },
      { deadlineMs: 5_000, what: 'a broker that refuses' },
    );
    const sink = new CollectingSink();
    const pump = keep(startPump(openSource(name), sink));
    await until(() => pump.waited.length >= 2, { deadlineMs: 5_000, what: 'two refusals' });
    expect(new Set(pump.waited)).toEqual(new Set(['mqtt.unauthorised']));
    await reload(open);
    const publisher = await until(() => openPublisher(name), { deadlineMs: 5_000, what: 'a broker that accepts' });
    await until(
      async () => {
        await publisher.publish({ topic: `${name}/1`, payload: 'at last' });
        return sink.stored.length > 0;
      },
      { deadlineMs: 10_000, what: 'a record' },
    );
  } finally {
    await reload(open);
  }
}, 30_000);
