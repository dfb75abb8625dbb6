import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StagePlan } from '@penstock/document';
import { ensureTopics, type FetchedRecord, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { brokers, randomName } from '@penstock/testing';
import { contributorsOf, followRecord } from './follow-record.ts';
import { foundRecordOf, placeOf } from './found-record.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
const topics = {
  raw: randomName('raw'),
  features: randomName('features'),
  predictions: randomName('predictions'),
  dead: randomName('dead'),
};
const signal = new AbortController().signal;
afterAll(async () => kafka[Symbol.asyncDispose]());

const stage = (from: string, to: string): StagePlan => {
  const end = (topic: string) => ({ kind: 'kafka', topic, partitions: 1 });
  return {
    name: to,
    from: end(from),
    to: end(to),
    late: null,
    dead: { topic: topics.dead, partitions: 1 },
  } as unknown as StagePlan;
};
const stages = [stage(topics.raw, topics.features), stage(topics.features, topics.predictions)];
const window = 'preprocess/a/1/0/0';

interface Made {
  readonly topic: keyof typeof topics;
  readonly id: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Ten readings of two rooms in turn, the window of the first room, its prediction, and a dead letter. */
const records: readonly Made[] = [
  ...Array.from({ length: 10 }, (_, index): Made => ({ topic: 'raw', id: `d/${index}`, key: index % 2 === 0 ? 'a/1' : 'a/2' })),
  {
    topic: 'features',
    id: window,
    headers: { penstock_from_lane: `${topics.raw}/0`, penstock_from_first: 0, penstock_from_last: 8, penstock_from_count: 5 },
  },
  { topic: 'features', id: 'preprocess/a/1/60000/0' },
  { topic: 'predictions', id: window },
  { topic: 'dead', id: 'd/3', key: 'a/2', headers: { penstock_lane: `${topics.raw}/0`, penstock_position: 3 } },
];

beforeAll(async () => {
  const names = Object.values(topics);
  await ensureTopics(
    kafka,
    names.map((topic) => ({ topic, partitions: 1, cleanup: 'delete', retentionMs: -1 })),
  );
  const routes = new Map(names.map((topic) => [topic, { topic, partitions: 1 }]));
  await using publisher = openPublisher(kafka, routes);
  await publisher.publish(
    records.map(({ topic, id, key = 'a/1', headers = {} }) => ({
      id,
      route: topics[topic],
      key: Buffer.from(key),
      payload: Buffer.from('x'),
      headers: Object.entries({ ce_id: id, ...headers }).map(([name, value]) => [name, Buffer.from(String(value))] as const),
    })),
  );
});

async function placesOf(id: string): Promise<string[]> {
  return (await followRecord(kafka, id, { stages, signal })).trail.found.map(placeOf);
}

test('a reading is followed into its window and its prediction, and none of another', async () => {
  expect(await placesOf('d/4')).toEqual([`${topics.raw}/0/4`, `${topics.features}/0/0`, `${topics.predictions}/0/0`]);
});

test('a reading that was refused is followed to its dead letter; the dead letter leads back to it', async () => {
  const places = [`${topics.raw}/0/3`, `${topics.dead}/0/0`];
  expect(await placesOf('d/3')).toEqual(places);
  expect(await placesOf(`${topics.dead}/0/0`)).toEqual(places);
});

test('a place stands for the record that lies there; an id that nobody has finds nothing', async () => {
  expect(await placesOf(`${topics.raw}/0/8`)).toHaveLength(3);
  expect(await followRecord(kafka, 'd/none', { stages, signal })).toMatchObject({ trail: { found: [] }, read: records.length });
});

test('what a window was made of are the records of its key within its stretch', async () => {
  const at = { topic: topics.features, partition: 0 };
  const { value } = await readRange(kafka, at, { from: 0, to: 1 }).next();
  const record = foundRecordOf(at, value as FetchedRecord);
  expect((await contributorsOf(kafka, record, signal)).map(({ id }) => id)).toEqual(['d/0', 'd/2', 'd/4', 'd/6', 'd/8']);
});
