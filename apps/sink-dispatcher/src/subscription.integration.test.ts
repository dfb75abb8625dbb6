import { afterAll, describe, expect, test } from '@jest/globals';
import { dispatch } from '@penstock/contracts';
import { openKafka } from '@penstock/kafka';
import { brokers } from '@penstock/testing';
import { createRecordReader } from './record-json.ts';
import { subscribe } from './subscription.ts';
import { newTopic, readingSchemaId, recordOf, registry, startMs, store } from './testing/readings-topic.ts';

const kafka = openKafka({ brokers: [brokers().kafka] });
const parts = { kafka, reader: createRecordReader(registry) };
const never = new AbortController().signal;
afterAll(async () => kafka[Symbol.asyncDispose]());

const requestFor = (topic: string, more: Partial<dispatch.SubscribeRequest> = {}): dispatch.SubscribeRequest => ({
  topic,
  from: dispatch.SubscribeFrom.EARLIEST,
  offsets: new Map(),
  keyPrefix: '',
  untilEnd: true,
  ...more,
});

async function collect(request: dispatch.SubscribeRequest, signal = never): Promise<dispatch.Record[]> {
  const records: dispatch.Record[] = [];
  for await (const { item } of subscribe(parts, request, signal)) if (item?.$case === 'record') records.push(item.value);
  return records;
}

const readings = (key: string, count: number) =>
  Array.from({ length: count }, (_, sequence) => recordOf({ key, sequence, co2Ppm: 400 + sequence }));

describe('subscribe', () => {
  test('records come read, with all their bytes, and each partition in order', async () => {
    const topic = await newTopic(kafka, 3);
    await store(kafka, { topic, partitions: 3 }, [...readings('a/1', 20), ...readings('b/2', 20), ...readings('c/3', 20)]);
    const records = await collect(requestFor(topic));
    expect(records).toHaveLength(60);
    for (const own of Map.groupBy(records, ({ partition }) => partition).values())
      expect(own.map(({ offset }) => Number(offset))).toEqual(own.map((_, at) => at));
    const first = records.find(({ id }) => id === 'a/1/0');
    expect(first).toMatchObject({ eventTimeMs: BigInt(startMs), schemaId: readingSchemaId, undecodable: undefined });
    expect(first?.key?.toString()).toBe('a/1');
    expect(JSON.parse(first?.json ?? '')).toEqual({
      building: 'a',
      room: '1',
      deviceId: '1-co2',
      sequence: 0,
      observedAtMs: startMs,
      temperatureC: null,
      humidityPct: null,
      lightLux: null,
      co2Ppm: 400,
    });
    expect(first?.headers.map(({ name }) => name)).toContain('ce_id');
  });

  test('by a prefix of the key, and on from offsets', async () => {
    const topic = await newTopic(kafka, 1);
    await store(kafka, { topic, partitions: 1 }, [...readings('a/1', 3), ...readings('a/2', 3), ...readings('b/1', 3)]);
    const ofRoom = await collect(requestFor(topic, { keyPrefix: 'a/2' }));
    expect(ofRoom.map(({ id }) => id)).toEqual(['a/2/0', 'a/2/1', 'a/2/2']);
    const rest = await collect(requestFor(topic, { offsets: new Map([[0, 7n]]) }));
    expect(rest.map(({ id }) => id)).toEqual(['b/1/1', 'b/1/2']);
  });

  test('a record that nobody can read comes as bytes, with the reason', async () => {
    const topic = await newTopic(kafka, 1);
    const unknown = Buffer.from([0, 0, 0, 0, 99, 0, 1]);
    await store(kafka, { topic, partitions: 1 }, [
      { key: 'a', payload: Buffer.from('{"co2":') },
      { key: 'a', payload: unknown },
    ]);
    const [foreign, stranger] = await collect(requestFor(topic));
    expect(foreign).toMatchObject({ id: `${topic}/0/0`, json: '', schemaId: 0, undecodable: { code: 'schema.invalid-frame' } });
    expect(stranger).toMatchObject({ json: '', schemaId: 99, undecodable: { code: 'schema.unknown-id' } });
    expect(stranger?.payload).toEqual(unknown);
  });

  test('from the latest it says where it begins, and misses nothing after that; an abort ends it', async () => {
    const topic = await newTopic(kafka, 2);
    const at = { topic, partitions: 2 };
    await store(kafka, at, readings('a/1', 5));
    const stop = new AbortController();
    const request = requestFor(topic, { from: dispatch.SubscribeFrom.LATEST, untilEnd: false });
    const stream = subscribe(parts, request, stop.signal);
    const { value: begun } = await stream.next();
    const offsets = begun?.item?.$case === 'subscribed' ? [...begun.item.value.offsets.values()] : [];
    expect(offsets.reduce((sum: bigint, offset: bigint) => sum + offset, 0n)).toBe(5n);
    await store(kafka, at, readings('b/1', 2));
    const got: (string | undefined)[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { value } = await stream.next();
      got.push(value?.item?.$case === 'record' ? value.item.value.id : undefined);
    }
    expect(got).toEqual(['b/1/0', 'b/1/1']);
    const pending = stream.next();
    stop.abort();
    expect(await pending).toMatchObject({ done: true });
  });

  test.each([
    ['no topic', requestFor(''), 'dispatch.bad-request'],
    ['an unknown topic', requestFor('nowhere'), 'kafka.unknown-topic'],
  ])('%s', async (_name, request, code) => {
    await expect(collect(request)).rejects.toMatchObject({ code });
  });

  test('offsets of a partition that is not there', async () => {
    const topic = await newTopic(kafka, 1);
    await expect(collect(requestFor(topic, { offsets: new Map([[1, 0n]]) }))).rejects.toThrow('has 1 partitions and no 1');
  });
});
