import type { fetchV12, produceV9 } from '@platformatic/kafka';
import type { FetchedBatch, FetchedPartition, OutgoingRecord, TopicPartition } from './port.ts';

type RecordsBatch = NonNullable<fetchV12.FetchResponsePartition['records']>[number];
export type MessageRecord = Parameters<typeof produceV9.createRequest>[2][number];

/** What a producer sends, as the client wants it. */
export function messageOf(
  { key, value, headers, timestampMs }: OutgoingRecord,
  at: TopicPartition,
  nowMs: bigint,
): MessageRecord {
  return {
    topic: at.topic,
    partition: at.partition,
    key: bufferOf(key) as Buffer,
    value: bufferOf(value) as Buffer,
    // A map holds what repeats as long as its keys are different objects.
    headers: new Map(headers.map(([name, bytes]) => [viewOf(name), bufferOf(bytes) as Buffer])),
    timestamp: timestampMs === undefined ? nowMs : BigInt(timestampMs),
  };
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null || Buffer.isBuffer(bytes) ? bytes : viewOf(bytes);
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a broker sent, with record batches whole. */
export function fetchedOf(topic: string, partition: fetchV12.FetchResponsePartition): FetchedPartition {
  return {
    topic,
    partition: partition.partitionIndex,
    errorCode: partition.errorCode,
    lastStableOffset: Number(partition.lastStableOffset),
    abortedTransactions: (partition.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
      producerId,
      firstOffset: Number(firstOffset),
    })),
    batches: (partition.records ?? []).map(batchOf),
  };
}

const attributeLogAppendTime = 0x08;
const attributeTransactional = 0x10;
const attributeControl = 0x20;

function batchOf({
  attributes,
  firstOffset,
  lastOffsetDelta,
  firstTimestamp,
  maxTimestamp,
  producerId,
  records,
}: RecordsBatch): FetchedBatch {
  const first = Number(firstOffset);
  const firstMs = Number(firstTimestamp);
  const appendedMs = (attributes & attributeLogAppendTime) === 0 ? null : Number(maxTimestamp);
  return {
    lastOffset: first + lastOffsetDelta,
    producerId,
    transactional: (attributes & attributeTransactional) !== 0,
    control: (attributes & attributeControl) !== 0,
    records: records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
      offset: first + offsetDelta,
      timestampMs: appendedMs ?? firstMs + Number(timestampDelta),
      key,
      value,
      headers: headers as [Buffer, Buffer | null][],
    })),
  };
}
