import { afterAll, expect, test } from '@jest/globals';
import { openKafka, openKafkaDeadLetters } from '@penstock/kafka';
import { type Batch, deadLetterOfRow } from '@penstock/pipeline';
import { postgresProblems } from '@penstock/postgres';
import { brokers } from '@penstock/testing';
import { type DeadLetterQuery, getDeadLetter, listDeadLetters } from './dead-letters.ts';
import { createRecordReader } from './record-json.ts';
import { encodeReading, newTopic, registry } from './testing/readings-topic.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
const parts = { kafka, reader: createRecordReader(registry) };
afterAll(async () => kafka[Symbol.asyncDispose]());

const payloadAt = (position: number): Uint8Array =>
  position === 0 ? Buffer.from([1, 2, 3]) : encodeReading({ key: 'a/1', sequence: position, co2Ppm: 99_999 });

/** A batch of one row that was refused. */
const batchAt = (position: number): Batch => ({
  lane: 'rooms.raw/2',
  from: position,
  to: position + 1,
  length: 1,
  bytes: 10,
  key: () => Buffer.from('a/1'),
  payload: () => payloadAt(position),
  headers: () => [['x-device', Buffer.from([0, 255])]],
  position: () => position,
  arrivedAtMs: () => 0,
});

async function buryAll(topic: string, partitions: number, count: number): Promise<void> {
  await using dead = openKafkaDeadLetters(kafka, { topic, partitions });
  for (let position = 0; position < count; position += 1) {
    const origin = { pipeline: 'rooms', stage: position % 2 === 0 ? 'archive' : 'store' };
    const problem = postgresProblems.refusedRow(`row ${position} is out of range`);
    await dead.bury([deadLetterOfRow(origin, { batch: batchAt(position), row: 0 }, problem)]);
  }
}

const query = (topics: readonly string[], more: Partial<DeadLetterQuery> = {}): DeadLetterQuery => ({
  topics,
  pipeline: '',
  stage: '',
  code: '',
  pageSize: 0,
  pageToken: '',
  ...more,
});

test('letters are listed from the newest, page by page, each once, and shown with their original bytes', async () => {
  const topic = await newTopic(kafka, 2);
  await buryAll(topic, 2, 11);
  const positions: number[] = [];
  let pageToken = '';
  let pages = 0;
  do {
    const page = await listDeadLetters(parts, query([topic], { pageSize: 4, pageToken }));
    positions.push(...page.deadLetters.map(({ position }) => Number(position)));
    pageToken = page.nextPageToken;
    pages += 1;
  } while (pageToken !== '');
  expect(positions).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  expect(pages).toBe(3);

  const [newest] = (await listDeadLetters(parts, query([topic], { pageSize: 1 }))).deadLetters;
  expect(newest).toMatchObject({
    pipeline: 'rooms',
    stage: 'archive',
    refusal: { code: 'postgres.refused-row', message: 'row 10 is out of range' },
    lane: 'rooms.raw/2',
    position: 10n,
  });
  const shown = await getDeadLetter(parts, newest?.id ?? '');
  expect(shown.record?.payload).toEqual(Buffer.from(payloadAt(10)));
  expect(shown.record?.headers[0]).toEqual({ name: 'x-device', value: Buffer.from([0, 255]) });
  expect(JSON.parse(shown.record?.json ?? '')).toMatchObject({ sequence: 10, co2Ppm: 99_999 });
});

test('by stage and by code', async () => {
  const topic = await newTopic(kafka, 1);
  await buryAll(topic, 1, 5);
  const ofStore = await listDeadLetters(parts, query([topic], { stage: 'store' }));
  expect(ofStore.deadLetters.map(({ position }) => position)).toEqual([3n, 1n]);
  expect((await listDeadLetters(parts, query([topic], { code: 'mqtt.payload-too-large' }))).deadLetters).toEqual([]);
});

test('what is not there, and what is no id', async () => {
  const topic = await newTopic(kafka, 1);
  await expect(getDeadLetter(parts, `${topic}/0/7`)).rejects.toMatchObject({ code: 'dispatch.no-such-dead-letter' });
  await expect(getDeadLetter(parts, `${topic}/9/0`)).rejects.toMatchObject({ code: 'dispatch.no-such-dead-letter' });
  await expect(getDeadLetter(parts, 'somewhere')).rejects.toMatchObject({ code: 'dispatch.bad-request' });
  const forged = Buffer.from('[["other/0",5]]').toString('base64url');
  await expect(listDeadLetters(parts, query([topic], { pageToken: forged }))).rejects.toThrow('page_token');
});
