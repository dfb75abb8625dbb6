import { afterAll, expect, test } from '@jest/globals';
import { describeTopics, ensureTopics, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { createRandom, type Field, type Random, Rows, systemClock } from '@penstock/kernel';
import { type CloudEventKind, factFields, stampOf } from '@penstock/pipeline';
import { RunningStage, schemaOf, withKnown } from '@penstock/runner';
import { createEncoder, createWireDecoder, type SchemaRegistry } from '@penstock/schema';
import { brokers, randomName, until } from '@penstock/testing';
import { planSample, stageOf } from './rooms-document.ts';
import { roomsRules } from './rooms-rules.ts';
import { auditWindows, expectedWindows, type MeasuredReading, type WindowRow } from './window-audit.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

const pipeline = randomName('rooms').replace('_', '-');
const plan = planSample(pipeline);
const stage = stageOf(plan, 'preprocess');
const registry: SchemaRegistry = {
  schema: async () => null,
  latest: async () => null,
  version: async () => null,
  register: async () => 0,
};
const kind: CloudEventKind = { source: 'penstock/test/ingest', type: 'rooms.v1.Reading' };
const startMs = Date.UTC(2026, 1, 2, 8);
const fields = ['temperatureC', 'humidityPct', 'lightLux', 'co2Ppm'] as const;
const usual = { temperatureC: 21, humidityPct: 30, lightLux: 400, co2Ppm: 600 };

/** An hour of three rooms, four sensors each, every 20 s; some values are nonsense, and one reading in twelve comes twice. */
function readingsOf(random: Random): MeasuredReading[] {
  const steps = Array.from({ length: 180 }, (_, step) => step);
  const places = steps.flatMap((step) =>
    ['one', 'two', 'three'].flatMap((room) => fields.map((field) => ({ step, room, field }))),
  );
  return places.flatMap(({ step, room, field }) => {
    const nonsense = random() < 0.02 ? 40 : 1;
    const reading = {
      id: `${room}-${field}/${step}`,
      key: `office/${room}`,
      timeMs: startMs + step * 20_000 + Math.floor(random() * 3_000),
      values: { [field]: usual[field] * (0.95 + random() * 0.1) * nonsense },
    };
    return random() < 1 / 12 ? [reading, reading] : [reading];
  });
}

/** The readings as the ingestor stores them. */
async function store(readings: readonly MeasuredReading[]): Promise<void> {
  const { schema } = stage.input;
  const parsed = schemaOf(schema);
  const columns: readonly Field[] = parsed.shape.fields;
  const rows = new Rows([...factFields, ...columns]);
  const encoder = createEncoder(
    parsed,
    columns.map((field, index) => ({ field, slot: factFields.length + index })),
    schema.id,
  );
  const raw = { topic: `${pipeline}.raw`, partitions: 4 };
  await using publisher = openPublisher(kafka, new Map([['main', raw]]));
  const utf8 = new TextEncoder();
  const outputs = readings.map(({ id, key, timeMs, values }) => {
    rows.reset(1);
    const [building, room] = key.split('/');
    const [deviceId, sequence] = id.split('/');
    const record: Record<string, unknown> = {
      building,
      room,
      deviceId,
      sequence: Number(sequence),
      observedAtMs: timeMs,
      ...values,
    };
    columns.forEach(({ name, type }, index) => {
      const slot = factFields.length + index;
      if (type === 'string') rows.values(slot)[0] = record[name] ?? null;
      else rows.numbers(slot)[0] = (record[name] as number | undefined) ?? Number.NaN;
    });
    return {
      id,
      route: 'main',
      key: utf8.encode(key),
      payload: encoder.encode(rows, 0),
      headers: stampOf(kind, id, timeMs),
    };
  });
  await publisher.publish(outputs);
}

async function features(): Promise<WindowRow[]> {
  const { schema, bindings } = stage.output;
  if (schema === null) throw new Error('preprocess writes to a topic');
  const decoder = createWireDecoder(withKnown(registry, schema), bindings);
  const rows = new Rows(stage.slots);
  const found: WindowRow[] = [];
  const slotOf = (name: string): number => bindings.find(({ field }) => field.name === name)?.slot ?? -1;
  const topic = `${pipeline}.features`;
  const partitions = (await describeTopics(kafka, [topic])).get(topic) ?? 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const { value } of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' })) {
      rows.reset(1);
      await decoder.prepare(value as Uint8Array);
      decoder.decode(value as Uint8Array, rows, 0);
      const number = (name: string): number => rows.numbers(slotOf(name))[0] as number;
      const means = Object.keys(roomsRules.means).map(
        (name) => [name, Number.isNaN(number(name)) ? null : number(name)] as const,
      );
      found.push({
        key: rows.values(slotOf('key'))[0] as string,
        windowStartMs: number('windowStartMs'),
        count: number('count'),
        means: Object.fromEntries(means),
      });
    }
  }
  return found;
}

function run(): RunningStage {
  return new RunningStage({
    plan: stage,
    kafka,
    ends: {},
    at: { registry, env: {}, log: () => undefined },
    pipelineVersion: plan.version,
    clock: systemClock,
    random: createRandom(1),
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
}

const stored = (running: RunningStage): number => running.status.read().ledger.fates.absorbed;

test('the windows that come out are those that an outsider computes, also when the stage is handed over half-way', async () => {
  await ensureTopics(kafka, plan.topics);
  const readings = readingsOf(createRandom(11));
  const half = Math.floor(readings.length / 2);
  await store(readings.slice(0, half));
  const first = run();
  await until(() => stored(first) > half / 2, { deadlineMs: 15_000, what: 'the first half to be absorbed' });
  await first.stop();
  await store(readings.slice(half));
  const second = run();
  const expected = expectedWindows(readings, roomsRules, new Set());
  // An hour of windows closes by the next reading; the last of each room by idleness, which is not waited for.
  const closed = [...expected].filter(([, row]) => row.windowStartMs < startMs + 58 * 60_000);
  const found = await until(
    async () => {
      const all = await features();
      return all.length >= closed.length && all;
    },
    { deadlineMs: 20_000, what: `${closed.length} windows` },
  );
  await second.stop();
  const audit = auditWindows(
    new Map(closed),
    found.filter((row) => row.windowStartMs < startMs + 58 * 60_000),
    new Set(),
  );
  expect(audit).toMatchObject({ missing: 0, unexpected: 0, duplicates: 0, different: 0, examples: [] });
  expect(audit.expected).toBe(3 * 58);
  for (const { status } of [first, second]) expect(status.ledger.balances()).toBe(true);
  const { fates } = second.status.read().ledger;
  expect(fates.duplicate).toBeGreaterThan(0);
  expect(fates.rejected).toBeGreaterThan(0);
}, 60_000);
