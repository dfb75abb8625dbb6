import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Brokers, findFreePort, openBrokers } from '@penstock/brokers';
import { ingest, stages } from '@penstock/contracts';
import { planPipeline } from '@penstock/document';
import { ensureTopics, type Kafka, offsetsOf, openKafka, openPublisher } from '@penstock/kafka';
import { Problem, systemClock } from '@penstock/kernel';
import { type MqttPublisher, openMqttPublisher } from '@penstock/mqtt';
import { pipelinesTopic } from '@penstock/runner';
import { createGrpcClient } from '@penstock/service';
import { randomName, until } from '@penstock/testing';
import { applyRooms } from './testing/rooms-pipeline.ts';
import { type ServiceProcess, startService } from './testing/service-process.ts';
import { storedIn } from './testing/stored-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-ingestor-'));
const keepaliveMs = 1_000;
let brokers: Brokers;
let kafka: Kafka;
let port: number;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  brokers = await openBrokers({ folder: join(folder, 'brokers'), names: ['kafka', 'mosquitto'] });
  kafka = openKafka({ brokers: [brokers.kafka.address] });
  port = await findFreePort();
  await ensureTopics(kafka, [{ topic: pipelinesTopic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
}, 120_000);

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await kafka[Symbol.asyncDispose]();
  await brokers[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Applies a pipeline of its own for a test, as the gateway would. */
async function apply(pipeline: string): Promise<void> {
  const applied = applyRooms({ pipeline, filter: `${pipeline}/+/room/+/reading`, settings: `keepaliveMs: ${keepaliveMs}` });
  const { topics } = planPipeline(applied);
  await ensureTopics(
    kafka,
    topics.map(({ retentionMs = -1, ...topic }) => ({ ...topic, retentionMs })),
  );
  await using publisher = openPublisher(kafka, new Map([['main', { topic: pipelinesTopic, partitions: 1 }]]));
  const key = Buffer.from(pipeline);
  await publisher.publish([{ id: pipeline, route: 'main', key, payload: Buffer.from(JSON.stringify(applied)), headers: [] }]);
}

async function start(pipeline: string): Promise<ServiceProcess> {
  const service = startService({
    PENSTOCK_KAFKA: brokers.kafka.address,
    PENSTOCK_REGISTRY: 'http://127.0.0.1:1',
    PENSTOCK_GRPC_PORT: String(port),
    MQTT_URL: brokers.mosquitto.address,
  });
  closing.push(() => service.end('SIGKILL'));
  await until(() => service.said('service.ready') === 1 && service.said('mqtt.subscribed', `${pipeline}/ingest`) > 0, {
    deadlineMs: 20_000,
    what: 'a service that is subscribed',
  });
  return service;
}

interface Device {
  readonly acknowledged: readonly string[];
  stop(): Promise<void>;
}

const readingOf = (deviceId: string, sequence: number): string =>
  JSON.stringify({ deviceId, sequence, observedAtMs: 1_770_821_280_000 + sequence, co2Ppm: 400 });

/** Publishes readings over MQTT, without a pause, until it is stopped. What was acknowledged is read from its file. */
async function startDevice(pipeline: string): Promise<Device> {
  const acknowledgedFile = join(folder, `${pipeline}.txt`);
  const publisher: MqttPublisher = await openMqttPublisher(
    { url: brokers.mosquitto.address, clientId: `${pipeline}-device`, windowRows: 50 },
    { acknowledgedFile },
  );
  let going = true;
  const running = (async () => {
    for (let sequence = 0; going; sequence += 1) {
      await publisher.room();
      const id = `by-mqtt/${sequence}`;
      void publisher.publish({ topic: `${pipeline}/a/room/1/reading`, payload: readingOf('by-mqtt', sequence), id });
      if (sequence % 10 === 9) await systemClock.sleep(5);
    }
    await publisher[Symbol.asyncDispose]();
  })();
  const stop = (): Promise<void> => {
    going = false;
    return running;
  };
  closing.push(stop);
  return {
    get acknowledged() {
      return existsSync(acknowledgedFile) ? readFileSync(acknowledgedFile, 'utf8').split('\n').slice(0, -1) : [];
    },
    stop,
  };
}

/** Publishes readings over gRPC, each batch until it is answered. */
function startProgram(pipeline: string): Device {
  const client = createGrpcClient(ingest.IngestServiceClient, `127.0.0.1:${port}`, { deadlineMs: 5_000 });
  const acknowledged: string[] = [];
  const state = { going: true };
  const send = async (first: number): Promise<boolean> => {
    const records = Array.from({ length: 10 }, (_, at) => ({
      payload: { $case: 'json' as const, value: Buffer.from(readingOf('by-grpc', first + at)) },
      topic: `${pipeline}/b/room/2/reading`,
      headers: [],
    }));
    try {
      const { outcomes } = await client.publish({ pipeline, stage: 'ingest', records });
      for (const { result } of outcomes) if (result?.$case === 'stored') acknowledged.push(result.value.id);
      return outcomes.every(({ result }) => result?.$case === 'stored');
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      await systemClock.sleep(20);
      return false;
    }
  };
  const running = (async () => {
    for (let first = 0; state.going; first += 10) while (!(await send(first)) && state.going);
    client[Symbol.dispose]();
  })();
  const stop = (): Promise<void> => {
    state.going = false;
    return running;
  };
  closing.push(stop);
  return { acknowledged, stop };
}

async function inFlight(pipeline: string): Promise<number> {
  using client = createGrpcClient(stages.StagesServiceClient, `127.0.0.1:${port}`, { deadlineMs: 1_000, retries: 0 });
  const { stages: all } = await client.listStages({ pipeline });
  return all.reduce((sum, stage) => sum + Number(stage.inFlight), 0);
}

interface Verdict {
  readonly lost: readonly string[];
  readonly outOfOrder: number;
  readonly again: number;
}

/** Compares what was acknowledged with what is stored, asking no service. */
async function judge(pipeline: string, acknowledged: readonly string[]): Promise<Verdict> {
  const all = (await storedIn(kafka, `${pipeline}.raw`, 2)).map(({ headers }) => headers['ce_id'] ?? '');
  const known = new Set(all);
  let outOfOrder = 0;
  for (const ids of Map.groupBy(known, (id) => id.split('/')[0]).values()) {
    const sequences = ids.map((id) => Number(id.split('/')[1]));
    outOfOrder += sequences.filter((sequence, at) => at > 0 && sequence < (sequences[at - 1] as number)).length;
  }
  return { lost: acknowledged.filter((id) => !known.has(id)), outOfOrder, again: all.length - known.size };
}

/** The verdict when all is stored, or the one that stands when waiting is over. */
async function verdictOn(pipeline: string, acknowledged: readonly string[]): Promise<Verdict> {
  const partitions = [0, 1].map((partition) => ({ topic: `${pipeline}.raw`, partition }));
  const all = async (): Promise<number> =>
    (await offsetsOf(kafka, partitions, 'latest')).reduce((sum, { offset }) => sum + offset, 0);
  await until(async () => (await all()) >= acknowledged.length, { deadlineMs: 30_000, what: `${acknowledged.length} records` });
  const complete = async (): Promise<Verdict | null> => {
    const verdict = await judge(pipeline, acknowledged);
    return verdict.lost.length === 0 ? verdict : null;
  };
  return until(complete, { deadlineMs: 10_000, what: 'each of them' }).catch(() => judge(pipeline, acknowledged));
}

const memoryOf = ({ pid }: ServiceProcess): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1_024;

test('a Kafka that answers nothing for five keepalives costs no connection, no memory and no reading', async () => {
  const pipeline = randomName('frozen').replace('_', '-');
  await apply(pipeline);
  const service = await start(pipeline);
  const device = await startDevice(pipeline);
  await until(() => device.acknowledged.length > 300, { deadlineMs: 10_000, what: 'readings' });
  const before = memoryOf(service);
  await brokers.kafka.freeze();
  const frozenAtMs = performance.now();
  try {
    const countBefore = device.acknowledged.length;
    await until(() => performance.now() - frozenAtMs > 5 * keepaliveMs, { deadlineMs: 10_000, what: 'five keepalives' });
    expect(device.acknowledged.length).toBeGreaterThan(countBefore + 1_024); // else nothing had to be held back
    expect(memoryOf(service) - before).toBeLessThan(50_000_000);
  } finally {
    await brokers.kafka.thaw();
  }
  await device.stop();
  const { acknowledged } = device;
  expect(await verdictOn(pipeline, acknowledged)).toMatchObject({ lost: [], outOfOrder: 0 });
  expect(['mqtt.connected', 'mqtt.lost'].map((event) => service.said(event, `${pipeline}/ingest`))).toEqual([1, 0]);
  expect(await service.end('SIGTERM')).toBe(0);
}, 90_000);

test('a service that is killed again and again in the middle of its work loses nothing that was acknowledged', async () => {
  const pipeline = randomName('killed').replace('_', '-');
  await apply(pipeline);
  let service = await start(pipeline);
  const devices = [await startDevice(pipeline), startProgram(pipeline)];
  for (let kill = 0; kill < 3; kill += 1) {
    const before = devices.map(({ acknowledged }) => acknowledged.length);
    await until(() => devices.every(({ acknowledged }, at) => acknowledged.length > (before[at] ?? 0) + 200), {
      deadlineMs: 20_000,
      what: 'progress',
    });
    await brokers.kafka.freeze(); // so that what comes now is on its way for certain
    const taken = devices[0]?.acknowledged.length ?? 0;
    await until(() => (devices[0]?.acknowledged.length ?? 0) > taken + 300, { deadlineMs: 10_000, what: 'readings in flight' });
    expect(await inFlight(pipeline)).toBeGreaterThan(0);
    await service.end('SIGKILL');
    await brokers.kafka.thaw();
    service = await start(pipeline);
  }
  await Promise.all(devices.map((device) => device.stop()));
  const acknowledged = devices.flatMap((device) => device.acknowledged);
  const { again, ...verdict } = await verdictOn(pipeline, acknowledged);
  expect(verdict).toEqual({ lost: [], outOfOrder: 0 });
  expect(again).toBeGreaterThan(0); // else the kills hit nothing
  expect(await service.end('SIGTERM')).toBe(0);
}, 120_000);
