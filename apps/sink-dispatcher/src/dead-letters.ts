import type { dispatch } from '@penstock/contracts';
import {
  describeTopics,
  type FetchedRecord,
  type Kafka,
  offsetsOf,
  parseLane,
  readRange,
  type TopicPartition,
} from '@penstock/kafka';
import type { Header } from '@penstock/pipeline';
import { dispatchRecordOf, headersOf } from './dispatch-record.ts';
import { badRequest, noSuchDeadLetter } from './problems.ts';
import type { RecordReader } from './record-json.ts';

export interface DeadLetterParts {
  readonly kafka: Kafka;
  readonly reader: RecordReader;
}

export interface DeadLetterQuery {
  /** Dead letter topics that exist. */
  readonly topics: readonly string[];
  readonly pipeline: string;
  readonly stage: string;
  readonly code: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface Found {
  readonly at: TopicPartition;
  readonly record: FetchedRecord;
}

const pageSizeDefault = 50;
const pageSizeMax = 500;

/** One page of what was refused, the newest first. A page looks at so many letters as it may hold, whatever the filter takes. */
export async function listDeadLetters(
  { kafka, reader }: DeadLetterParts,
  query: DeadLetterQuery,
): Promise<dispatch.ListDeadLettersResponse> {
  const size = Math.min(pageSizeMax, query.pageSize > 0 ? query.pageSize : pageSizeDefault);
  const ends = query.pageToken === '' ? await endsOf(kafka, query.topics) : parseToken(query.pageToken, query.topics);
  const page = await newestBelow(kafka, ends, size);
  const letters = await Promise.all(page.map(({ at, record }) => letterOf(reader, at, record)));
  const deadLetters = letters.filter((letter) => answers(letter, query));
  return { deadLetters, nextPageToken: page.length < size ? '' : tokenOf(below(ends, page)) };
}

export async function getDeadLetter({ kafka, reader }: DeadLetterParts, id: string): Promise<dispatch.DeadLetter> {
  const slash = id.lastIndexOf('/');
  const offset = Number(id.slice(slash + 1));
  if (!/^.+\/\d+\/\d+$/.test(id)) throw badRequest(`id: expected topic/partition/offset, got ${id}`);
  const at = parseLane(id.slice(0, slash));
  const ends = await boundsOf(kafka, at);
  if (ends !== null && offset >= ends.first && offset < ends.end) {
    for await (const record of readRange(kafka, at, { from: offset, to: offset + 1 })) return letterOf(reader, at, record);
  }
  throw noSuchDeadLetter(`there is no dead letter ${id}`);
}

async function boundsOf(kafka: Kafka, at: TopicPartition): Promise<{ first: number; end: number } | null> {
  const partitions = (await describeTopics(kafka, [at.topic])).get(at.topic) ?? 0;
  if (at.partition >= partitions) return null;
  const [first] = await offsetsOf(kafka, [at], 'earliest');
  const [end] = await offsetsOf(kafka, [at], 'latest');
  return { first: first?.offset ?? 0, end: end?.offset ?? 0 };
}

/** Where each partition ends; a page token is the same, further down. */
type Ends = ReadonlyMap<string, number>;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

async function endsOf(kafka: Kafka, topics: readonly string[]): Promise<Ends> {
  const partitions = [...(await describeTopics(kafka, topics))].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const ends = await offsetsOf(kafka, partitions, 'latest');
  return new Map(ends.map((end) => [nameOf(end), end.offset]));
}

/** The newest records by time of arrival. Of each partition as many are read as could be among them. */
async function newestBelow(kafka: Kafka, ends: Ends, size: number): Promise<readonly Found[]> {
  const partitions = [...ends.keys()].map(parseLane);
  const firsts = await offsetsOf(kafka, partitions, 'earliest');
  const read = async (at: TopicPartition, first: number): Promise<Found[]> => {
    const end = ends.get(nameOf(at)) ?? 0;
    const found: Found[] = [];
    for (let to = end; found.length < size && to > first; ) {
      const from = Math.max(first, to - 2 * size); // a transaction's marker takes an offset, too
      const records: Found[] = [];
      for await (const record of readRange(kafka, at, { from, to })) records.push({ at, record });
      found.unshift(...records);
      to = from;
    }
    return found.slice(-size);
  };
  const found = await Promise.all(partitions.map((at, index) => read(at, firsts[index]?.offset ?? 0)));
  return found.flat().toSorted(newestFirst).slice(0, size);
}

function newestFirst(left: Found, right: Found): number {
  return right.record.timestampMs - left.record.timestampMs || right.record.offset - left.record.offset;
}

function below(ends: Ends, page: readonly Found[]): Ends {
  const next = new Map(ends);
  for (const { at, record } of page) next.set(nameOf(at), Math.min(record.offset, next.get(nameOf(at)) ?? 0));
  return next;
}

function tokenOf(ends: Ends): string {
  return Buffer.from(JSON.stringify([...ends])).toString('base64url');
}

function parseToken(token: string, topics: readonly string[]): Ends {
  try {
    const ends = new Map(JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, number][]);
    const known = [...ends].every(([name, end]) => topics.includes(parseLane(name).topic) && Number.isInteger(end));
    if (known) return ends;
  } catch {
    // answered below
  }
  throw badRequest('page_token: expected the one that came with the page before, for the same pipeline');
}

const text = new TextDecoder();

async function letterOf(reader: RecordReader, at: TopicPartition, fetched: FetchedRecord): Promise<dispatch.DeadLetter> {
  const headers = headersOf(fetched);
  const position = Number(lastOf(headers, 'penstock_position'));
  return {
    id: `${nameOf(at)}/${fetched.offset}`,
    pipeline: lastOf(headers, '__connect.errors.connector.name'),
    stage: lastOf(headers, 'penstock_stage'),
    refusal: { code: lastOf(headers, 'penstock_code'), message: lastOf(headers, '__connect.errors.exception.message') },
    lane: lastOf(headers, 'penstock_lane'),
    position: BigInt(Number.isInteger(position) ? position : 0),
    record: await dispatchRecordOf(reader, at, fetched),
  };
}

/** A record that was refused twice carries the reasons of both; the last is why it lies here. */
function lastOf(headers: readonly Header[], name: string): string {
  const value = headers.findLast(([found]) => found === name)?.[1] ?? null;
  return value === null ? '' : text.decode(value);
}

function answers({ pipeline, stage, refusal }: dispatch.DeadLetter, query: DeadLetterQuery): boolean {
  const fits = (wanted: string, found: string | undefined): boolean => wanted === '' || wanted === found;
  return fits(query.pipeline, pipeline) && fits(query.stage, stage) && fits(query.code, refusal?.code);
}
