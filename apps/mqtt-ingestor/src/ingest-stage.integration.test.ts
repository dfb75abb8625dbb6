import { afterAll, expect, test } from '@jest/globals';
import type { ingest } from '@penstock/contracts';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { systemClock } from '@penstock/kernel';
import { brokers, randomName } from '@penstock/testing';
import { IngestStage } from './ingest-stage.ts';
import { applyRooms, planIngest } from './testing/rooms-pipeline.ts';
import { storedIn } from './testing/stored-records.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
afterAll(async () => kafka[Symbol.asyncDispose]());

test('nothing is sent before what came before the stage is over', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const topic = `${pipeline}.raw`;
  await ensureTopics(kafka, [{ topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }]);
  const before = Promise.withResolvers<void>();
  const to = { topic, partitions: 2 };
  const parts = { plan: planIngest(applyRooms({ pipeline })), pipelineVersion: 'v1', to, kafka, clock: systemClock };
  await using other = new IngestStage({ ...parts, after: Promise.resolve() });
  await using stage = new IngestStage({ ...parts, after: before.promise });
  const reading = { building: 'a', room: '1', deviceId: '1-co2', sequence: 1, observedAtMs: 1 };
  const record: ingest.Record = {
    payload: { $case: 'json', value: Buffer.from(JSON.stringify(reading)) },
    topic: '',
    headers: [],
  };
  const options = { trace: null, signal: new AbortController().signal };
  const later = stage.publish([record], options);
  await other.publish([record], options); // by then the first would have been sent long ago
  expect(await storedIn(kafka, topic, 2)).toHaveLength(1);
  before.resolve();
  await later;
  expect(await storedIn(kafka, topic, 2)).toHaveLength(2);
});
