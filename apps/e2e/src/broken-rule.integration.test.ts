import { afterAll, expect, test } from '@jest/globals';
import { ensureTopics, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { createRandom, type Field, Rows, systemClock } from '@penstock/kernel';
import { factFields, stampOf } from '@penstock/pipeline';
import { RunningStage, schemaOf } from '@penstock/runner';
import { createEncoder, type SchemaRegistry } from '@penstock/schema';
import { brokers, randomName, until } from '@penstock/testing';
import { planSample, stageOf } from './rooms-document.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

const plan = planSample(randomName('rooms').replace('_', '-'));
const planned = stageOf(plan, 'preprocess');
const expr = "message.device_id != 'unplugged'";
const domainRules = [{ name: 'plugged', type: 'CEL', kind: 'CONDITION', mode: 'READ', expr, onFailure: 'DLQ' }];
const contract = { metadata: null, ruleSet: { domainRules } };
const stage = { ...planned, input: { ...planned.input, schema: { ...planned.input.schema, contract } } };
const registry: SchemaRegistry = {
  schema: async () => null,
  latest: async () => null,
  version: async () => null,
  register: async () => 0,
};

/** A reading as somebody writes it who minds no rules. */
function payloadOf(deviceId: string): Uint8Array {
  const schema = schemaOf(planned.input.schema);
  const columns: readonly Field[] = schema.shape.fields;
  const rows = new Rows([...factFields, ...columns]);
  rows.reset(1);
  const bindings = columns.map((field, index) => ({ field, slot: factFields.length + index }));
  const record: Readonly<Record<string, unknown>> = {
    building: 'b',
    room: 'r',
    deviceId,
    sequence: 1,
    observedAtMs: 1,
    lightLux: 300,
  };
  for (const { field, slot } of bindings) {
    if (field.type === 'string') rows.values(slot)[0] = record[field.name] ?? null;
    else rows.numbers(slot)[0] = (record[field.name] as number | undefined) ?? Number.NaN;
  }
  return createEncoder(schema, bindings, planned.input.schema.id).encode(rows, 0);
}

test('what a rule of its schema keeps back is a dead letter with its own bytes, and the stage goes on', async () => {
  await ensureTopics(kafka, plan.topics);
  const devices = ['a', 'unplugged', 'b'];
  const raw = { topic: stage.from.kind === 'kafka' ? stage.from.topic : '', partitions: 4 };
  const outputs = devices.map((device) => {
    const headers = stampOf({ source: 'penstock/test/ingest', type: 'rooms.v1.Reading' }, device, 1);
    return { id: device, route: 'main', key: Buffer.from('b/r'), payload: payloadOf(device), headers };
  });
  {
    await using publisher = openPublisher(kafka, new Map([['main', raw]]));
    await publisher.publish(outputs);
  }
  const running = new RunningStage({
    ...{ plan: stage, kafka, ends: {}, at: { registry, env: {}, log: () => undefined }, pipelineVersion: plan.version },
    ...{ clock: systemClock, random: createRandom(1) },
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
  const { ledger } = running.status;
  await until(() => running.status.read().ledger.consumed >= devices.length, { deadlineMs: 20_000, what: 'all to be read' });
  await running.stop();
  expect(running.status.read().ledger.fates).toMatchObject({ rejected: 1 });
  expect(ledger.balances()).toBe(true);
  const dead = [];
  for (let partition = 0; partition < stage.dead.partitions; partition += 1) {
    for await (const record of readRange(kafka, { topic: stage.dead.topic, partition }, { from: 'earliest', to: 'latest' }))
      dead.push(record);
  }
  expect(dead).toHaveLength(1);
  const [letter] = dead;
  expect(Buffer.from(letter?.value ?? [])).toEqual(Buffer.from(payloadOf('unplugged')));
  const said = new Map(letter?.headers.map(([name, value]) => [String(name), Buffer.from(value ?? []).toString()]));
  expect(said.get('penstock_code')).toBe('schema.broken-rule');
  expect(said.get('__connect.errors.exception.message')).toContain('rule plugged: it does not hold');
  expect(said.get('penstock_fact_rule')).toBe('plugged');
}, 40_000);
