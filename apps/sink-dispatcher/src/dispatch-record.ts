import type { dispatch } from '@penstock/contracts';
import type { FetchedRecord, TopicPartition } from '@penstock/kafka';
import type { Problem } from '@penstock/kernel';
import { type Header, stampedId, stampedTimeMs } from '@penstock/pipeline';
import type { RecordReader } from './record-json.ts';

const text = new TextDecoder();

export function headersOf({ headers }: FetchedRecord): Header[] {
  return headers.map(([name, value]) => [text.decode(name), value]);
}

/** A stored record as other teams get it: read, and with every byte that it has. */
export async function dispatchRecordOf(
  reader: RecordReader,
  { topic, partition }: TopicPartition,
  record: FetchedRecord,
): Promise<dispatch.Record> {
  const { offset, key, value, timestampMs } = record;
  const headers = headersOf(record);
  const { json, schemaId, problem } = await reader.read(value, headers);
  return {
    topic,
    partition,
    offset: BigInt(offset),
    id: stampedId(headers) ?? `${topic}/${partition}/${offset}`,
    key: bufferOf(key),
    payload: bufferOf(value),
    headers: headers.map(([name, bytes]) => ({ name, value: bufferOf(bytes) })),
    eventTimeMs: BigInt(stampedTimeMs(headers) ?? timestampMs),
    arrivedAtMs: BigInt(timestampMs),
    json,
    schemaId,
    undecodable: problem === null ? undefined : refusalOf(problem),
  };
}

export function refusalOf({ code, message }: Problem): dispatch.Refusal {
  return { code, message };
}

function bufferOf(bytes: Uint8Array | null): Buffer | undefined {
  return bytes === null ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
