import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ingest } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { Rows, systemClock } from '@penstock/kernel';
import { schemaOf } from '@penstock/runner';
import { createEncoder } from '@penstock/schema';
import { createGrpcClient, defineService, type GrpcClient, openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { z } from 'zod';
import { type IngestApiParts, serveIngest } from './ingest-api.ts';
import { IngestStages } from './ingest-stages.ts';
import { applyRooms, planIngest } from './testing/rooms-pipeline.ts';
import { readingOf, storedIn } from './testing/stored-records.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

const opened: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

let pipeline = '';
let topic = '';
let plan: StagePlan;
const counted: Record<string, number> = {};
beforeEach(async () => {
  pipeline = randomName('rooms').replace('_', '-');
  plan = planIngest(applyRooms({ pipeline }));
  topic = `${pipeline}.raw`;
  for (const name of Object.keys(counted)) delete counted[name];
  await ensureTopics(kafka, [{ topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }]);
});

type Client = GrpcClient<typeof ingest.IngestServiceService>;

/** The doors of the service over real gRPC, with the plans that a test gives it. */
async function openDoor(plans: () => readonly StagePlan[], more: Partial<IngestApiParts> = {}): Promise<Client> {
  const pipelines = () => new Map([[pipeline, { pipeline, version: 'v1', topics: [], stages: plans(), retrain: null }]]);
  const service = await openService(
    defineService({
      name: 'ingest-test',
      config: z.strictObject({}),
      async open({ server }) {
        const stages = new IngestStages({ kafka, clock: systemClock, pipelines });
        const answered: IngestApiParts['answered'] = (_, outcomes) => {
          for (const { result } of outcomes) counted[result?.$case ?? ''] = (counted[result?.$case ?? ''] ?? 0) + 1;
        };
        serveIngest(server, { stages, answered, ...more });
        return { drain: async () => undefined, [Symbol.asyncDispose]: () => stages[Symbol.asyncDispose]() };
      },
    }),
    { env: {}, write: () => undefined },
  );
  opened.push(service);
  const client: Client = createGrpcClient(ingest.IngestServiceClient, service.address);
  opened.push(client);
  return client;
}

const startMs = Date.UTC(2026, 1, 11, 14, 48);
const mqttTopic = 'building/a/room/1/reading';

function jsonRecord(reading: Record<string, unknown>, more: Partial<ingest.Record> = {}): ingest.Record {
  return {
    payload: { $case: 'json', value: Buffer.from(JSON.stringify(reading)) },
    topic: mqttTopic,
    headers: [],
    ...more,
  };
}

const readingAt = (sequence: number) => ({ deviceId: '1-co2', sequence, observedAtMs: startMs + sequence, co2Ppm: 400 });

function protobufRecord(reading: Record<string, unknown>): ingest.Record {
  const schema = schemaOf(plan.input.schema);
  const { fields } = schema.shape;
  const encoder = createEncoder(
    schema,
    fields.map((field, slot) => ({ field, slot })),
    null,
  );
  const rows = new Rows(fields);
  const row = rows.append(-1);
  fields.forEach(({ name }, slot) => {
    const value = reading[name];
    if (typeof value === 'number') rows.numbers(slot)[row] = value;
    else if (value !== undefined) rows.values(slot)[row] = value;
  });
  return { payload: { $case: 'protobuf', value: Buffer.from(encoder.encode(rows, row)) }, topic: '', headers: [] };
}

const codes = (outcomes: readonly ingest.Outcome[]): string[] =>
  outcomes.map(({ result }) => (result?.$case === 'refused' ? result.value.code : (result?.$case ?? 'nothing')));

describe('publish', () => {
  test('an answer means: in Kafka, as if it had come by MQTT', async () => {
    const client = await openDoor(() => [plan]);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = [{ name: 'traceparent', value: Buffer.from(traceparent) }];
    const { outcomes } = await client.publish({
      pipeline,
      stage: 'ingest',
      records: [jsonRecord(readingAt(1), { headers }), protobufRecord({ building: 'b', room: '2', ...readingAt(2) })],
    });
    expect(outcomes.map(({ result }) => result?.value)).toEqual([
      { id: '1-co2/1', topic },
      { id: '1-co2/2', topic },
    ]);
    const stored = await storedIn(kafka, topic, 2);
    const byKey = new Map(stored.map((record) => [record.key, record]));
    expect([...byKey.keys()].sort()).toEqual(['a/1', 'b/2']);
    expect(await readingOf(byKey.get('a/1')?.payload ?? null)).toEqual({ building: 'a', room: '1', ...readingAt(1) });
    expect(await readingOf(byKey.get('b/2')?.payload ?? null)).toEqual({ building: 'b', room: '2', ...readingAt(2) });
    expect(byKey.get('a/1')?.headers).toEqual({
      traceparent,
      ce_specversion: '1.0',
      ce_source: `penstock/${pipeline}/ingest`,
      ce_type: 'rooms.v1.Reading',
      ce_pipelineversion: 'v1',
      ce_id: '1-co2/1',
      ce_time: new Date(startMs + 1).toISOString(),
    });
    expect(counted).toEqual({ stored: 2 });
  });

  test('each record is refused for itself, with a code, and the others are stored', async () => {
    const client = await openDoor(() => [plan]);
    const bytes = (text: string): Partial<ingest.Record> => ({ payload: { $case: 'json', value: Buffer.from(text) } });
    const { outcomes } = await client.publish({
      pipeline,
      stage: 'ingest',
      records: [
        jsonRecord(readingAt(1)),
        jsonRecord({}, bytes('{"deviceId":')),
        jsonRecord({ ...readingAt(2), co2Ppm: 'much' }),
        jsonRecord({}, bytes('{"deviceId":"1-co2","sequence":3,"observedAtMs":1,"co2Ppm":NaN}')),
        jsonRecord({}, bytes('{"deviceId":"1-co2","sequence":3,"observedAtMs":1,"co2Ppm":1e999}')),
        jsonRecord({ deviceId: '1-co2' }),
        jsonRecord(readingAt(4), { topic: '' }),
        jsonRecord({ ...readingAt(5), observedAtMs: Date.now() + 3_600_000 }),
        jsonRecord(readingAt(6), { headers: [{ name: 'ce_id', value: Buffer.from('forged') }] }),
        { payload: undefined, topic: '', headers: [] },
        jsonRecord({}, { payload: { $case: 'protobuf', value: Buffer.from([0xff]) } }),
        jsonRecord({ ...readingAt(7), deviceId: 'x'.repeat(2_000_000) }),
        jsonRecord({ building: 'c', room: '3', ...readingAt(8) }, { topic: '' }),
      ],
    });
    expect(codes(outcomes)).toEqual([
      'stored',
      'schema.invalid-payload',
      'schema.wrong-type',
      'schema.invalid-payload',
      'schema.not-finite',
      'schema.missing-field',
      'schema.missing-field',
      'stage.ahead-of-time',
      'ingest.reserved-header',
      'ingest.no-payload',
      'schema.invalid-payload',
      'kafka.record-too-large',
      'stored',
    ]);
    const stored = await storedIn(kafka, topic, 2);
    expect(stored.map(({ key }) => key).sort()).toEqual(['a/1', 'c/3']);
  });

  test('a place that is none is named, with those that there are', async () => {
    const client = await openDoor(() => [plan]);
    const request = { pipeline, stage: 'ingst', records: [] };
    await expect(client.publish(request)).rejects.toMatchObject({
      code: 'ingest.no-such-stage',
      message: `pipeline ${pipeline} has no stage ingst to publish to; there is ingest`,
    });
    await expect(client.publish({ ...request, pipeline: 'halls' })).rejects.toThrow(
      `no pipeline halls is applied; there is ${pipeline}`,
    );
  });

  test('a document that changes takes effect with the next request, and nothing comes out of order', async () => {
    const client = await openDoor(() => [plan]);
    const send = (sequence: number) => client.publish({ pipeline, stage: 'ingest', records: [jsonRecord(readingAt(sequence))] });
    const before = [1, 2, 3].map(send);
    await before[0];
    plan = { ...plan, fingerprint: 'second', facts: { ...plan.facts, identity: () => 'renamed' } };
    const after = [4, 5].map(send);
    await Promise.all([...before, ...after]);
    const ids = (await storedIn(kafka, topic, 2)).map(({ headers }) => headers['ce_id']);
    expect(ids.slice(-2)).toEqual(['renamed', 'renamed']);
    expect(ids).toHaveLength(5);
  });

  test('more than may be under way is refused at once, to be tried again', async () => {
    const client = await openDoor(() => [plan], { bytesMax: 1_000 });
    const records = Array.from({ length: 10 }, (_, sequence) => jsonRecord(readingAt(sequence)));
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => client.publish({ pipeline, stage: 'ingest', records })),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ reason: { code: 'ingest.overloaded', remedy: 'retry' } });
    expect(await storedIn(kafka, topic, 2)).toHaveLength((8 - refused.length) * 10);
  });
});

describe('publish by a stream', () => {
  async function* requestsOf(count: number): AsyncGenerator<ingest.PublishStreamRequest> {
    for (let sequence = 0; sequence < count; sequence += 1) {
      const first = sequence === 0 ? { pipeline, stage: 'ingest' } : { pipeline: '', stage: '' };
      yield { ...first, records: [jsonRecord(sequence % 10 === 9 ? { no: 'reading' } : readingAt(sequence))] };
    }
  }

  test('every request is answered in order, and what is stored is in that order', async () => {
    const client = await openDoor(() => [plan], { underWayMax: 20 });
    const answers: ingest.Outcome[] = [];
    for await (const { outcomes } of client.publishStream(requestsOf(300))) answers.push(...outcomes);
    const ids = answers.map(({ result }) => (result?.$case === 'stored' ? result.value.id : 'refused'));
    expect(ids).toEqual(Array.from({ length: 300 }, (_, at) => (at % 10 === 9 ? 'refused' : `1-co2/${at}`)));
    const stored = (await storedIn(kafka, topic, 2)).map(({ headers }) => headers['ce_id']);
    expect(stored).toEqual(ids.filter((id) => id !== 'refused'));
  });

  test('stays with the stage that it began with', async () => {
    const client = await openDoor(() => [plan]);
    async function* wandering(): AsyncGenerator<ingest.PublishStreamRequest> {
      yield { pipeline, stage: 'ingest', records: [jsonRecord(readingAt(1))] };
      yield { pipeline, stage: 'labels', records: [] };
    }
    const answers: ingest.PublishStreamResponse[] = [];
    const reading = (async () => {
      for await (const answer of client.publishStream(wandering())) answers.push(answer);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ingest.bad-request' });
    expect(answers).toHaveLength(1);
  });
});
