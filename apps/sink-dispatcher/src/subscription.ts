import { dispatch } from '@penstock/contracts';
import { describeTopics, type FetchedRecord, type Kafka, offsetsOf, readRange } from '@penstock/kafka';
import { dispatchRecordOf } from './dispatch-record.ts';
import { merge } from './merge.ts';
import { badRequest } from './problems.ts';
import type { RecordReader } from './record-json.ts';

export interface SubscriptionParts {
  readonly kafka: Kafka;
  readonly reader: RecordReader;
}

interface Reading {
  readonly partition: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number | 'never';
}

/** One fetch of each partition is in memory at a time. */
const fetchBytesMax = 1_048_576;

/** A topic as a stream, for as long as the signal allows. Whoever reads slowly is waited for. */
export async function* subscribe(
  { kafka, reader }: SubscriptionParts,
  request: dispatch.SubscribeRequest,
  signal: AbortSignal,
): AsyncGenerator<dispatch.SubscribeResponse> {
  const { topic, keyPrefix } = request;
  const readings = await readingsOf(kafka, request);
  const offsets = new Map(readings.map(({ partition, from }) => [partition, BigInt(from)]));
  yield { item: { $case: 'subscribed', value: { offsets } } };
  const prefix = Buffer.from(keyPrefix);
  const streams = readings.map((reading) => recordsOf(kafka, topic, { ...reading, signal }));
  for await (const { partition, record } of merge(streams)) {
    if (signal.aborted) return;
    if (!beginsWith(record.key, prefix)) continue;
    yield { item: { $case: 'record', value: await dispatchRecordOf(reader, { topic, partition }, record) } };
  }
}

async function readingsOf(kafka: Kafka, request: dispatch.SubscribeRequest): Promise<readonly Reading[]> {
  const { topic, from, untilEnd } = request;
  if (topic === '') throw badRequest('topic: expected the name of a topic');
  const partitions = (await describeTopics(kafka, [topic])).get(topic) ?? 0;
  const named = new Map([...request.offsets].map(([partition, offset]) => [partition, Number(offset)]));
  const stranger = [...named.keys()].find((partition) => !(partition >= 0 && partition < partitions));
  if (stranger !== undefined) throw badRequest(`offsets: topic ${topic} has ${partitions} partitions and no ${stranger}`);
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await offsetsOf(kafka, all, 'latest');
  const begins = from === dispatch.SubscribeFrom.EARLIEST ? await offsetsOf(kafka, all, 'earliest') : ends;
  return all.map(({ partition }, index) => ({
    partition,
    from: named.get(partition) ?? begins[index]?.offset ?? 0,
    to: untilEnd ? (ends[index]?.offset ?? 0) : 'never',
  }));
}

interface PartitionRecord {
  readonly partition: number;
  readonly record: FetchedRecord;
}

async function* recordsOf(
  kafka: Kafka,
  topic: string,
  { partition, from, to, signal }: Reading & { readonly signal: AbortSignal },
): AsyncGenerator<PartitionRecord> {
  const range = { from, to, bytesMax: fetchBytesMax, signal };
  for await (const record of readRange(kafka, { topic, partition }, range)) yield { partition, record };
}

function beginsWith(key: Uint8Array | null, prefix: Buffer): boolean {
  if (prefix.length === 0) return true;
  return key !== null && prefix.equals(key.subarray(0, prefix.length));
}
