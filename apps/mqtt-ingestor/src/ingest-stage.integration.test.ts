import { afterAll, expect, test } from '@jest/globals';
import type { ingest } from '@penstock/contracts';
import type { AppliedSchema } from '@penstock/document';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { rowFate, systemClock } from '@penstock/kernel';
import { factSlots, type Transform } from '@penstock/pipeline';
import { type RuleExecutor, registryUnreachable } from '@penstock/schema';
import { brokers, randomName } from '@penstock/testing';
import { IngestStage } from './ingest-stage.ts';
import { applyRooms, planIngest } from './testing/rooms-pipeline.ts';
import { readingOf, storedIn } from './testing/stored-records.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

const reading = { building: 'a', room: '1', deviceId: '1-co2', sequence: 1, observedAtMs: 1 };
const record: ingest.Record = {
  payload: { $case: 'json', value: Buffer.from(JSON.stringify(reading)) },
  topic: '',
  headers: [],
};
const options = { trace: null, signal: new AbortController().signal };

test('nothing is sent before what came before the stage is over', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const topic = `${pipeline}.raw`;
  await ensureTopics(kafka, [{ topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }]);
  const before = Promise.withResolvers<void>();
  const to = { topic, partitions: 2 };
  const parts = { plan: planIngest(applyRooms({ pipeline })), pipelineVersion: 'v1', to, kafka, clock: systemClock };
  await using other = new IngestStage({ ...parts, after: Promise.resolve() });
  await using stage = new IngestStage({ ...parts, after: before.promise });
  const later = stage.publish([record], options);
  await other.publish([record], options); // by then the first would have been sent long ago
  expect(await storedIn(kafka, topic, 2)).toHaveLength(1);
  before.resolve();
  await later;
  expect(await storedIn(kafka, topic, 2)).toHaveLength(2);
});

/** Lets each record pass once. */
function once(): Transform {
  const seen = new Set<unknown>();
  return {
    process(rows) {
      for (let row = 0; row < rows.length; row += 1) {
        const id = rows.values(factSlots.id)[row];
        if (seen.has(id)) rows.fate[row] = rowFate.dropped;
        seen.add(id);
      }
    },
  };
}

test('what could not be encrypted while the keys were away is no duplicate when it is sent again', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const topic = `${pipeline}.raw`;
  await ensureTopics(kafka, [{ topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }]);
  const plan = planIngest(applyRooms({ pipeline }));
  const tags = { 'rooms.v1.Reading.device_id': ['PII'] };
  const hide = { name: 'hide', type: 'HIDE', kind: 'TRANSFORM', mode: 'WRITE', tags: ['PII'] };
  const contract = { metadata: { tags }, ruleSet: { domainRules: [hide] } };
  const ruled = {
    ...plan,
    open: () => [once],
    output: { ...plan.output, schema: { ...(plan.output.schema as AppliedSchema), contract } },
  };
  let isAway = true;
  const run = async (): Promise<string> => {
    if (isAway) throw registryUnreachable('the keys are away');
    return 'hidden';
  };
  const executors: RuleExecutor[] = [{ type: 'HIDE', open: () => ({ of: 'fields', waits: true, run }) }];
  const to = { topic, partitions: 2 };
  await using stage = new IngestStage({
    plan: ruled,
    pipelineVersion: 'v1',
    to,
    kafka,
    clock: systemClock,
    executors,
    after: Promise.resolve(),
  });
  await expect(stage.publish([record], options)).rejects.toMatchObject({ code: 'schema.registry-unreachable' });
  isAway = false;
  await stage.publish([record], options);
  const [stored, ...more] = await storedIn(kafka, topic, 2);
  expect(more).toEqual([]);
  expect(await readingOf(stored?.payload ?? null)).toMatchObject({ deviceId: 'hidden' });
});
