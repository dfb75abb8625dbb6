import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { RecordBatch } from 'kafkajs/src/protocol/recordBatch/v0/index.js';
import type {
  Compression,
  FetchedBatch,
  FetchedPartition,
  FetchedRecord,
  OutgoingBatch,
  OutgoingRecord,
  ProduceRequest,
} from './port.ts';
import { groupByTopic } from './wire.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: (encoder: { readonly buffer: Buffer }) => compressZstd(encoder.buffer),
  decompress: (bytes: Buffer) => decompressZstd(bytes),
});

const compressions: Readonly<Record<Compression, number>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  zstd: CompressionTypes.ZSTD,
};

/**
 * The body of a Produce request, versions 3 to 7, in kafkajs's own primitives. Its own record encoder takes headers as an object,
 * which cannot hold repeated names in order nor a null value.
 */
export async function encodeProduce(request: ProduceRequest): Promise<Encoder> {
  const topics: Encoder[] = [];
  for (const [topic, batches] of groupByTopic(request.batches)) {
    const partitions: Encoder[] = [];
    for (const batch of batches) partitions.push(await encodePartition(batch, request));
    topics.push(new Encoder().writeString(topic).writeArray(partitions));
  }
  return new Encoder().writeString(request.transactionalId).writeInt16(-1).writeInt32(request.timeoutMs).writeArray(topics);
}

async function encodePartition(
  batch: OutgoingBatch,
  { producer, transactionalId, compression }: ProduceRequest,
): Promise<Encoder> {
  const nowMs = Date.now();
  const timesMs = batch.records.map(({ timestampMs }) => timestampMs ?? nowMs);
  const firstTimestamp = timesMs[0] as number;
  const encoded = await RecordBatch({
    ...producer,
    compression: compressions[compression],
    records: batch.records.map((record, index) => encodeRecord(record, index, (timesMs[index] as number) - firstTimestamp)),
    firstTimestamp,
    maxTimestamp: timesMs.reduce((latest, timeMs) => Math.max(latest, timeMs)),
    firstSequence: batch.firstSequence,
    transactional: transactionalId !== null,
    lastOffsetDelta: batch.records.length - 1,
  });
  return new Encoder().writeInt32(batch.partition).writeInt32(encoded.size()).writeEncoder(encoded);
}

function encodeRecord({ key, value, headers }: OutgoingRecord, offsetDelta: number, timestampDelta: number): Encoder {
  let size = 1 + Encoder.sizeOfVarLong(timestampDelta) + Encoder.sizeOfVarInt(offsetDelta);
  size +=
    Encoder.sizeOfVarIntBytes(viewOf(key)) + Encoder.sizeOfVarIntBytes(viewOf(value)) + Encoder.sizeOfVarInt(headers.length);
  for (const [name, bytes] of headers) size += Encoder.sizeOfVarIntBytes(viewOf(name)) + Encoder.sizeOfVarIntBytes(viewOf(bytes));
  const record = new Encoder(size + 5).writeVarInt(size).writeInt8(0).writeVarLong(timestampDelta).writeVarInt(offsetDelta);
  record.writeVarIntBytes(viewOf(key)).writeVarIntBytes(viewOf(value)).writeVarInt(headers.length);
  for (const [name, bytes] of headers) record.writeVarIntBytes(viewOf(name)).writeVarIntBytes(viewOf(bytes));
  return record;
}

function viewOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null || Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A Fetch response, version 11, with record batches left whole, so that headers and producers are not lost. */
export async function decodeFetch(raw: Buffer): Promise<{ errorCode: number; partitions: FetchedPartition[] }> {
  const decoder = new Decoder(raw);
  decoder.readInt32(); // throttle time
  const errorCode = decoder.readInt16();
  decoder.readInt32(); // session
  const undecoded = decoder.readArray((topics) => {
    const topic = topics.readString();
    return topics.readArray((partitions) => readPartition(topic, partitions));
  });
  const partitions: FetchedPartition[] = [];
  for (const { recordSet, ...partition } of undecoded.flat())
    partitions.push({ ...partition, batches: await decodeBatches(recordSet) });
  return { errorCode, partitions };
}

function readPartition(topic: string, decoder: Decoder): Omit<FetchedPartition, 'batches'> & { recordSet: Buffer } {
  const partition = decoder.readInt32();
  const errorCode = decoder.readInt16();
  decoder.readInt64(); // high watermark
  const lastStableOffset = Number(decoder.readInt64());
  decoder.readInt64(); // log start
  const abortedTransactions = decoder.readArray((each) => ({
    producerId: each.readInt64(),
    firstOffset: Number(each.readInt64()),
  }));
  decoder.readInt32(); // preferred replica
  return {
    topic,
    partition,
    errorCode,
    lastStableOffset,
    abortedTransactions,
    recordSet: decoder.readBytes() ?? Buffer.alloc(0),
  };
}

const batchHeadBytes = 12;
const attributeCompression = 0x07;
const attributeLogAppendTime = 0x08;
const attributeTransactional = 0x10;
const attributeControl = 0x20;

/** The last batch may be cut off: the next fetch brings it. */
async function decodeBatches(recordSet: Buffer): Promise<FetchedBatch[]> {
  const decoder = new Decoder(recordSet);
  const batches: FetchedBatch[] = [];
  while (decoder.canReadBytes(batchHeadBytes)) {
    const firstOffset = Number(decoder.readInt64());
    const length = decoder.readInt32();
    if (!decoder.canReadBytes(length)) break;
    batches.push(await decodeBatch(firstOffset, decoder.slice(length)));
    decoder.forward(length);
  }
  return batches;
}

async function decodeBatch(firstOffset: number, decoder: Decoder): Promise<FetchedBatch> {
  decoder.forward(9); // leader epoch, magic, checksum
  const attributes = decoder.readInt16();
  const lastOffset = firstOffset + decoder.readInt32();
  const firstTimestampMs = Number(decoder.readInt64());
  const maxTimestampMs = Number(decoder.readInt64());
  const producerId = decoder.readInt64();
  decoder.forward(6); // producer epoch, first sequence
  const count = decoder.readInt32();
  const type = attributes & attributeCompression;
  const plain = type === 0 ? decoder : new Decoder(await decompress(type, decoder.readAll()));
  const appendedMs = (attributes & attributeLogAppendTime) === 0 ? null : maxTimestampMs;
  const records: FetchedRecord[] = [];
  for (let index = 0; index < count; index += 1) records.push(readRecord(plain, { firstOffset, firstTimestampMs, appendedMs }));
  return {
    lastOffset,
    producerId,
    transactional: (attributes & attributeTransactional) !== 0,
    control: (attributes & attributeControl) !== 0,
    records,
  };
}

async function decompress(type: number, bytes: Buffer): Promise<Buffer> {
  const codec = (CompressionCodecs as Record<number, () => { decompress(bytes: Buffer): Promise<Buffer> }>)[type];
  if (codec === undefined) throw new TypeError(`kafkajs knows no compression of type ${type}`);
  return codec().decompress(bytes);
}

interface BatchFacts {
  readonly firstOffset: number;
  readonly firstTimestampMs: number;
  readonly appendedMs: number | null;
}

function readRecord(decoder: Decoder, { firstOffset, firstTimestampMs, appendedMs }: BatchFacts): FetchedRecord {
  decoder.readVarInt(); // length
  decoder.readInt8(); // attributes
  const timestampDelta = decoder.readVarLong().toNumber();
  const offset = firstOffset + decoder.readVarInt();
  const key = decoder.readVarIntBytes();
  const value = decoder.readVarIntBytes();
  const headers: [Buffer, Buffer | null][] = [];
  for (let left = decoder.readVarInt(); left > 0; left -= 1)
    headers.push([decoder.readVarIntBytes() as Buffer, decoder.readVarIntBytes()]);
  return { offset, timestampMs: appendedMs ?? firstTimestampMs + timestampDelta, key, value, headers };
}
