import { afterAll, expect } from '@jest/globals';
import { type Batch, createFateCounts, type Delivery, type Output } from '@penstock/pipeline';
import { brokers, randomName, until } from '@penstock/testing';
import { openPublisher } from '../acknowledged-sink.ts';
import type { KafkaSettings } from '../config.ts';
import { type Kafka, openKafka } from '../kafka.ts';
import { readRange } from '../partition-reader.ts';
import type { FetchedRecord } from '../port.ts';
import { type PlacedRecord, Producer } from '../producer.ts';
import { ensureTopics } from '../topics.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
export const never = new AbortController().signal;

export type DriverName = 'kafkajs' | 'platformatic';

/** What the tests of one driver stand on: a real broker, and topics of their own. Closed after the tests that are being described. */
export function layGround(driver: DriverName) {
  const open = (settings: Partial<KafkaSettings> = {}): Kafka => openKafka({ brokers: [brokers().kafka], driver, ...settings });
  const kafka = open();
  afterAll(async () => kafka[Symbol.asyncDispose]());

  const topic = async (partitions: number, more: { cleanup?: 'compact'; batchBytesMax?: number } = {}): Promise<string> => {
    const name = randomName('kafka');
    await ensureTopics(kafka, [{ topic: name, partitions, cleanup: 'delete', retentionMs: -1, ...more }]);
    return name;
  };
  const fill = async (name: string, partitions: number, values: readonly string[]): Promise<void> => {
    await using publisher = openPublisher(kafka, new Map([['main', { topic: name, partitions }]]));
    await publisher.publish(values.map((value) => outputOf(value)));
  };
  const contents = async (name: string, partition = 0): Promise<FetchedRecord[]> =>
    collect(readRange(kafka, { topic: name, partition }, { from: 'earliest', to: 'latest' }));
  const values = async (name: string, partition = 0): Promise<string[]> =>
    (await contents(name, partition)).map(({ value }) => String(value));
  /** A commit is answered before its markers are written: readers see it a moment later. */
  const eventually = async (name: string, expected: readonly string[]): Promise<void> => {
    await until(async () => (await values(name)).length >= expected.length, {
      deadlineMs: 5_000,
      what: `${expected.length} records in ${name}`,
    });
    expect(await values(name)).toEqual(expected);
  };
  const producer = (transactionalId: string | null): Producer =>
    new Producer(kafka, { transactionalId, transactionTimeoutMs: 60_000, batchBytesMax: () => 1_000_000, signal: never });

  return { driver, kafka, open, topic, fill, contents, values, eventually, producer };
}

export function outputOf(value: string): Output {
  return {
    id: value,
    route: 'main',
    key: utf8.encode(value),
    payload: utf8.encode(value),
    headers: [],
    eventTimeMs: Date.now() + 7_200_000,
    cause: -1,
  };
}

export function placed(topic: string, value: string): PlacedRecord {
  return { topic, partition: 0, key: null, value: utf8.encode(value), headers: [] };
}

export function deliveryOf(lane: string, [from, to]: readonly [number, number], values: readonly string[]): Delivery {
  const outputs = values.map(outputOf);
  return {
    lane,
    from,
    to,
    outputs,
    changes: [],
    fates: createFateCounts({ forwarded: to - from }),
    refusals: [],
  };
}

export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

export function rowsOf(batch: Batch): string[] {
  return Array.from({ length: batch.length }, (_, row) => text.decode(batch.payload(row) as Uint8Array));
}

export async function take(batches: AsyncIterable<Batch>, count: number): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of batches) {
    rows.push(...rowsOf(batch));
    if (rows.length >= count) break;
  }
  return rows;
}

export async function firstOf<Item>(items: AsyncIterable<Item>): Promise<Item> {
  return (await takeFrom(items, 1))[0] as Item;
}

export async function takeFrom<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  return takeFrom(items, Number.POSITIVE_INFINITY);
}
