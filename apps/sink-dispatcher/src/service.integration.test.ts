import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dispatch, stages } from '@penstock/contracts';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { createGrpcClient, type OpenService, openService } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import pg from 'pg';
import { sinkDispatcher } from './service.ts';
import { apply, archivePipelineOf } from './testing/archive-pipeline.ts';
import { newTopic, readingSchemaId, recordOf, store } from './testing/readings-topic.ts';
import { openRegistryServer } from './testing/registry-server.ts';

const partitions = 4;
const rooms = Array.from({ length: 12 }, (_, room) => `b/${room}`);
const readingText = readFileSync(join(import.meta.dirname, '../../../proto/data/rooms/v1/reading.proto'), 'utf8');
const kafka = openKafka({ brokers: [brokers().kafka] });
const pool = new pg.Pool({ connectionString: brokers().postgres, max: 1 });
const pipeline = randomName('archive').replace('_', '-');
const schema = randomName('dispatcher');
let topic = '';
let registry: Awaited<ReturnType<typeof openRegistryServer>>;

beforeAll(async () => {
  registry = await openRegistryServer(new Map([[readingSchemaId, readingText]]));
  topic = await newTopic(kafka, partitions);
  await ensureTopics(kafka, [{ topic: `${pipeline}.dead`, partitions: 1, cleanup: 'delete', retentionMs: -1 }]);
  await apply(kafka, pipeline, archivePipelineOf({ pipeline, topic, partitions, url: brokers().postgres, schema }));
});

afterAll(async () => {
  await apply(kafka, pipeline, null);
  await pool.query(`drop schema if exists ${schema} cascade`);
  await pool.end();
  await registry[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
});

const open = (): Promise<OpenService> =>
  openService(sinkDispatcher, {
    env: { PENSTOCK_KAFKA: brokers().kafka, PENSTOCK_REGISTRY: registry.url },
    write: () => undefined,
    failed: (thrown) => {
      throw thrown;
    },
  });

/** Readings of all rooms from one sequence to another; every third is there twice, as a device sends it again. */
const readings = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at).flatMap((sequence) =>
    rooms.flatMap((key) => {
      const record = recordOf({ key, sequence, co2Ppm: 400 + sequence });
      return sequence % 3 === 0 ? [record, record] : [record];
    }),
  );

const stored = async (): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${schema}.readings`);
  return rows[0]?.count ?? 0;
};
const storedAtLeast = (count: number): Promise<true> =>
  until(async () => (await stored()) >= count, { deadlineMs: 20_000, what: `${count} rows` });

describe('sink-dispatcher', () => {
  test('every reading is a row once and in its order, through a takeover by another process and back', async () => {
    await store(kafka, { topic, partitions }, readings(0, 100));
    const first = await open();
    await storedAtLeast(100);
    const second = await open();
    using client = createGrpcClient(stages.StagesServiceClient, second.address);
    const lanesOfSecond = async (): Promise<number> => (await client.listStages({ pipeline })).stages[0]?.positions.size ?? 0;
    await until(async () => (await lanesOfSecond()) === 2, { deadlineMs: 20_000, what: 'the second to take half of the lanes' });
    await store(kafka, { topic, partitions }, readings(100, 200));
    await storedAtLeast(1_300);
    expect(await first.drain()).toBe(true);
    await first[Symbol.asyncDispose]();
    await store(kafka, { topic, partitions }, readings(200, 300));
    await storedAtLeast(rooms.length * 300);
    expect(await lanesOfSecond()).toBe(partitions);
    const { stages: shown } = await client.listStages({ pipeline });
    expect(shown[0]).toMatchObject({ stage: 'archive', balances: true });
    expect(await second.drain()).toBe(true);
    await second[Symbol.asyncDispose]();

    const { rows: claims } = await pool.query<{ epoch: string }>(`select epoch from ${schema}.penstock_ledger`);
    expect(claims.map(({ epoch }) => epoch)).toEqual(['2', '2', '2', '2']);
    const { rows } = await pool.query<{ room: string; sequence: string }>(
      `select building || '/' || room as room, sequence from ${schema}.readings order by written`,
    );
    for (const room of rooms) {
      const own = rows.filter((row) => row.room === room).map(({ sequence }) => Number(sequence));
      expect(own).toEqual(Array.from({ length: 300 }, (_, sequence) => sequence));
    }
  }, 60_000);

  test('other teams read the stream, and what was refused', async () => {
    await using service = await open();
    using client = createGrpcClient(dispatch.DispatchServiceClient, service.address);
    const request = { from: dispatch.SubscribeFrom.EARLIEST, offsets: new Map(), keyPrefix: 'b/3', untilEnd: true };
    const sequences: number[] = [];
    for await (const { item } of client.subscribe({ topic, ...request }))
      if (item?.$case === 'record') sequences.push((JSON.parse(item.value.json) as { sequence: number }).sequence);
    expect(new Set(sequences).size).toBe(300);
    expect(sequences).toEqual(sequences.toSorted((left, right) => left - right));

    await store(kafka, { topic, partitions }, [{ key: 'b/3', payload: Buffer.from('no record') }]);
    const ask = { pipeline, stage: '', code: '', pageSize: 0, pageToken: '' };
    const letter = await until(async () => (await client.listDeadLetters(ask)).deadLetters[0], {
      deadlineMs: 20_000,
      what: 'a dead letter',
    });
    expect(letter).toMatchObject({ pipeline, stage: 'archive', refusal: { code: 'schema.invalid-frame' } });
    const { deadLetter } = await client.getDeadLetter({ id: letter.id });
    expect(deadLetter?.record?.payload?.toString()).toBe('no record');
    await expect(client.listDeadLetters({ ...ask, pipeline: 'nowhere' })).rejects.toMatchObject({
      code: 'dispatch.no-such-pipeline',
    });
  }, 60_000);

  test('a subscriber that goes away leaves nothing behind, and the service drains', async () => {
    const service = await open();
    using client = createGrpcClient(dispatch.DispatchServiceClient, service.address);
    const stop = new AbortController();
    const request = { topic, from: dispatch.SubscribeFrom.LATEST, offsets: new Map(), keyPrefix: '', untilEnd: false };
    const stream = client.subscribe(request, { signal: stop.signal })[Symbol.asyncIterator]();
    expect((await stream.next()).value?.item?.$case).toBe('subscribed');
    stop.abort();
    await expect(stream.next()).rejects.toThrow();
    const staying = client.subscribe(request)[Symbol.asyncIterator]();
    await staying.next();
    expect(await service.drain()).toBe(true);
    await expect(staying.next()).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
    await service[Symbol.asyncDispose]();
  }, 60_000);
});
