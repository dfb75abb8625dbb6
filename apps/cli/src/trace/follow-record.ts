import type { StagePlan } from '@penstock/document';
import { describeTopics, type Kafka, readRange, type TopicPartition } from '@penstock/kafka';
import { type FoundRecord, foundRecordOf, originOf, parsePlace, refusedAt, type Stretch } from './found-record.ts';
import { topicsInOrder } from './topic-order.ts';
import { Trail } from './trail.ts';

export interface Following {
  readonly trail: Trail;
  /** Records that were looked at. */
  readonly read: number;
}

export interface FollowOptions {
  readonly stages: readonly StagePlan[];
  readonly signal: AbortSignal;
}

/**
 * Finds a record by its id, or by its place `topic/partition/offset`, and everything that became of it: reads each topic of the
 * stages once, in the order in which records go through them.
 */
export async function followRecord(kafka: Kafka, id: string, { stages, signal }: FollowOptions): Promise<Following> {
  const topics = topicsInOrder(stages);
  const counts = await describeTopics(kafka, topics);
  const trail = new Trail(await idOf(kafka, id, topics));
  let read = 0;
  for (const topic of topics) {
    const partitions = Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition }));
    const sums = await Promise.all(partitions.map((at) => search(kafka, at, { trail, signal })));
    read += sums.reduce((sum, each) => sum + each, 0);
  }
  return { trail, read };
}

/** A place stands for the id of the record that lies there; that of a dead letter, for the record that was refused. */
async function idOf(kafka: Kafka, id: string, topics: readonly string[]): Promise<string> {
  const place = parsePlace(id);
  if (place === null || !topics.includes(place.topic)) return id;
  const record = await recordAt(kafka, place);
  const refused = record === null ? null : refusedAt(record);
  const origin = refused === null ? null : parsePlace(refused);
  // What was refused at the door lies nowhere else.
  if (origin !== null && topics.includes(origin.topic)) return idOf(kafka, refused as string, topics);
  return record?.id ?? id;
}

async function recordAt(kafka: Kafka, place: TopicPartition & { readonly offset: number }): Promise<FoundRecord | null> {
  for await (const record of readRange(kafka, place, { from: place.offset, to: place.offset + 1 }))
    return foundRecordOf(place, record);
  return null;
}

async function search(
  kafka: Kafka,
  at: TopicPartition,
  { trail, signal }: { readonly trail: Trail; readonly signal: AbortSignal },
): Promise<number> {
  let read = 0;
  for await (const record of readRange(kafka, at, { from: 'earliest', to: 'latest', signal })) {
    read += 1;
    const candidate = foundRecordOf(at, record);
    if (trail.leadsTo(candidate)) trail.add(candidate);
  }
  return read;
}

/** What an aggregate was made of: the records of its key within its stretch. Empty for a record that is none. */
export async function contributorsOf(kafka: Kafka, record: FoundRecord, signal: AbortSignal): Promise<FoundRecord[]> {
  const origin = originOf(record);
  return origin === null ? [] : recordsOf(kafka, origin, { keyBytes: record.keyBytes, signal });
}

async function recordsOf(
  kafka: Kafka,
  { first, last, ...at }: Stretch,
  { keyBytes, signal }: { readonly keyBytes: string; readonly signal: AbortSignal },
): Promise<FoundRecord[]> {
  const records: FoundRecord[] = [];
  for await (const record of readRange(kafka, at, { from: first, to: last + 1, signal })) {
    const found = foundRecordOf(at, record);
    if (found.keyBytes === keyBytes) records.push(found);
  }
  return records;
}
