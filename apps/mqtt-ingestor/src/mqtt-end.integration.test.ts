import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { systemClock } from '@penstock/kernel';
import { createFilterMemory, type MqttPublisher, openMqttPublisher } from '@penstock/mqtt';
import { type EndContext, RunningStage } from '@penstock/runner';
import { brokers, randomName, until } from '@penstock/testing';
import { openMqttEnd } from './mqtt-end.ts';
import { applyRooms, planIngest } from './testing/rooms-pipeline.ts';
import { readingOf, type StoredRecord, storedIn } from './testing/stored-records.ts';

const deadlineMs = 10_000;
const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let pipeline = '';
let topic = '';
let publisher: MqttPublisher;
beforeEach(async () => {
  pipeline = randomName('rooms').replace('_', '-');
  topic = `${pipeline}.raw`;
  const plain = { cleanup: 'delete', retentionMs: -1 } as const;
  await ensureTopics(kafka, [
    { topic, partitions: 2, ...plain },
    { topic: `${pipeline}.dead`, partitions: 4, batchBytesMax: 4_194_304, ...plain },
  ]);
  publisher = await openMqttPublisher({ url: brokers().mosquitto, clientId: `${pipeline}-publisher` });
  closing.push(async () => publisher[Symbol.asyncDispose]());
});

const at: EndContext = {
  registry: { schema: async () => null, latest: async () => null, version: async () => null, register: async () => 0 },
  env: { MQTT_URL: brokers().mosquitto },
  log: () => undefined,
};

/** The stage as the service runs it, once the broker has its subscription. */
async function runStage(): Promise<RunningStage> {
  const plan = planIngest(applyRooms({ pipeline, filter: `${pipeline}/+/room/+/reading` }));
  const subscribed = Promise.withResolvers<void>();
  const log: EndContext['log'] = (event) => event === 'mqtt.subscribed' && subscribed.resolve();
  const stage = new RunningStage({
    plan,
    kafka,
    ends: { mqtt: (own, end) => openMqttEnd(own, { ...end, log }, { clock: systemClock, remembered: createFilterMemory() }) },
    at,
    pipelineVersion: 'v1',
    clock: systemClock,
    random: Math.random,
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
  closing.push(() => stage.stop());
  await subscribed.promise;
  return stage;
}

const startMs = Date.UTC(2026, 1, 11, 14, 48);
const readingAt = (sequence: number) => ({
  deviceId: '1-co2',
  sequence,
  observedAtMs: startMs + sequence,
  co2Ppm: 400 + sequence,
});
const publish = (payload: string | Uint8Array, more: Partial<Parameters<MqttPublisher['publish']>[0]> = {}): Promise<void> =>
  publisher.publish({ topic: `${pipeline}/a/room/1/reading`, payload, ...more });
const stored = (count: number): Promise<StoredRecord[]> =>
  until(
    async () => {
      const records = await storedIn(kafka, topic, 2);
      return records.length >= count && records;
    },
    { deadlineMs, what: `${count} records` },
  );

describe('a reading that comes by MQTT', () => {
  test('is stored in the wire format, under its computed key, with its stamp and its own headers', async () => {
    await runStage();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    // What a device says about its place is not believed: the topic says it.
    const said = { building: 'elsewhere', ...readingAt(1) };
    await publish(JSON.stringify(said), {
      headers: { traceparent, ce_id: 'forged', site: 'north' },
      contentType: 'application/json',
    });
    const [record] = await stored(1);
    expect(record?.key).toBe('a/1');
    expect([...(record?.payload ?? [])].slice(0, 6)).toEqual([0, 0, 0, 0, 7, 0]);
    expect(await readingOf(record?.payload ?? null)).toEqual({ ...readingAt(1), building: 'a', room: '1' });
    expect(record?.headers).toEqual({
      mqtt_topic: `${pipeline}/a/room/1/reading`,
      'content-type': 'application/json',
      traceparent,
      mqtt_user_ce_id: 'forged',
      site: 'north',
      ce_specversion: '1.0',
      ce_source: `penstock/${pipeline}/ingest`,
      ce_type: 'rooms.v1.Reading',
      ce_pipelineversion: 'v1',
      ce_id: '1-co2/1',
      ce_time: new Date(startMs + 1).toISOString(),
    });
  });

  test('keeps its place among those of its key', async () => {
    await runStage();
    const sequences = Array.from({ length: 1_000 }, (_, sequence) => sequence);
    await Promise.all(sequences.map((sequence) => publish(JSON.stringify(readingAt(sequence)))));
    const records = await stored(1_000);
    expect(records.map(({ headers }) => headers['ce_id'])).toEqual(sequences.map((sequence) => `1-co2/${sequence}`));
  });
});

describe('what is no reading', () => {
  test('becomes a dead letter with a code and its own bytes, and the pipe keeps running', async () => {
    const stage = await runStage();
    const bad: readonly (readonly [payload: string | Uint8Array, code: string])[] = [
      ['{"deviceId":', 'schema.invalid-payload'],
      ['', 'schema.invalid-payload'],
      ['[1,2]', 'schema.invalid-payload'],
      [Buffer.from([0xc3, 0x28]), 'schema.invalid-payload'],
      [JSON.stringify({ ...readingAt(1), co2Ppm: 'much' }), 'schema.wrong-type'],
      [JSON.stringify({ ...readingAt(1), sequence: 1.5 }), 'schema.wrong-type'],
      ['{"deviceId":"1-co2","sequence":1,"observedAtMs":1,"co2Ppm":NaN}', 'schema.invalid-payload'],
      ['{"deviceId":"1-co2","sequence":1,"observedAtMs":1,"co2Ppm":1e999}', 'schema.not-finite'],
      [JSON.stringify({ deviceId: '1-co2', observedAtMs: 1 }), 'schema.missing-field'],
      [JSON.stringify({ ...readingAt(1), observedAtMs: Date.now() + 3_600_000 }), 'stage.ahead-of-time'],
    ];
    for (const [payload] of bad) await publish(payload);
    await publish(Buffer.alloc(20_000_000, ' '));
    await publish(JSON.stringify({ ...readingAt(9), unknown: { to: ['all'] } }));
    const [record] = await stored(1);
    expect(record?.headers['ce_id']).toBe('1-co2/9');
    const dead = await storedIn(kafka, `${pipeline}.dead`, 4);
    expect(dead.map(({ headers }) => headers['penstock_code'])).toEqual([
      ...bad.map(([, code]) => code),
      'mqtt.payload-too-large',
    ]);
    expect(dead.map(({ payload }) => Buffer.from(payload ?? []))).toEqual([
      ...bad.map(([payload]) => Buffer.from(payload)),
      Buffer.alloc(0),
    ]);
    for (const { key, headers } of dead)
      expect([key, headers['penstock_stage']]).toEqual([`${pipeline}/a/room/1/reading`, 'ingest']);
    expect(dead.at(-1)?.headers['mqtt_payload_bytes']).toBe('20000000');
    await until(() => stage.status.read().ledger.inFlight === 0, { deadlineMs, what: 'settlement' });
    expect(stage.status.read()).toMatchObject({ balances: true, state: 'flowing', retries: 0 });
  });
});

describe('an end that cannot be', () => {
  const open = (env: NodeJS.ProcessEnv) =>
    openMqttEnd(planIngest(applyRooms({ pipeline })), { ...at, env }, { clock: systemClock, remembered: createFilterMemory() });

  test('says which setting is wrong, by its place in the document', () => {
    const problem = { code: 'ingest.wrong-settings', remedy: 'stop' };
    expect(() => open({ MQTT_URL: 'http://broker' })).toThrow(expect.objectContaining(problem));
    expect(() => open({ MQTT_URL: 'http://broker' })).toThrow(
      'stages.ingest.from.mqtt.url: expected mqtt://host:port or mqtts://host:port',
    );
  });

  test('says which secret is missing', () => {
    expect(() => open({})).toThrow(expect.objectContaining({ code: 'document.missing-secret' }));
  });
});
