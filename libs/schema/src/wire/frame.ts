import { invalidFrame } from '../problems.ts';

/**
 * Confluent's wire format: a zero byte, the schema's id in four bytes (big-endian), for Protobuf the indexes of the message, then
 * the record. Indexes are zigzag varints, their number first; the first message of a file, [0], is the single byte 0. In the later form
 * it begins with a one and the schema's GUID in sixteen bytes.
 */
export const frameBytes = 5;
export const guidFrameBytes = 17;

const magic = 0;
export const guidMagic = 1;
const indexesMax = 64;
const firstMessage: readonly number[] = [0];

/** The id that a payload names. Throws `schema.invalid-frame`. */
export function schemaIdOf(payload: Uint8Array): number {
  if (payload.length < frameBytes || payload[0] !== magic) throw invalidFrame(whatIsWrong(payload));
  const [, first, second, third, fourth] = payload as unknown as [number, number, number, number, number];
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
}

/** Where the indexes, or the record, begin. */
export function headBytesOf(payload: Uint8Array): number {
  return payload[0] === guidMagic ? guidFrameBytes : frameBytes;
}

/** What a payload names its schema by: an id, or a GUID as it is written. Throws `schema.invalid-frame`. */
export function schemaNameOf(payload: Uint8Array): number | string {
  if (payload[0] !== guidMagic) return schemaIdOf(payload);
  if (payload.length < guidFrameBytes)
    throw invalidFrame(`expected a GUID of 16 bytes after the magic byte 1, got ${payload.length - 1}`);
  const digits = Buffer.from(payload.buffer, payload.byteOffset + 1, 16).toString('hex');
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, index) => digits.slice(ends[index], end))
    .join('-');
}

function whatIsWrong(payload: Uint8Array): string {
  if (payload.length < frameBytes) return `expected at least ${frameBytes} bytes of wire format, got ${payload.length}`;
  return `expected the magic byte 0 or 1, got ${payload[0]}: the payload is not in Confluent's wire format`;
}

/** What stands before the record. */
export function frameOf(schemaId: number, messageIndexes: readonly number[] | null): Uint8Array {
  const head = [magic, (schemaId >>> 24) & 255, (schemaId >>> 16) & 255, (schemaId >>> 8) & 255, schemaId & 255];
  return withIndexes(head, messageIndexes);
}

/** The later form of it, which may stand in a header instead. */
export function guidFrameOf(guid: string, messageIndexes: readonly number[] | null): Uint8Array {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  if (bytes.length !== guidFrameBytes - 1) throw new TypeError(`no GUID: ${guid}`);
  return withIndexes([guidMagic, ...bytes], messageIndexes);
}

function withIndexes(head: readonly number[], messageIndexes: readonly number[] | null): Uint8Array {
  if (messageIndexes === null) return Uint8Array.from(head);
  if (messageIndexes.length === 1 && messageIndexes[0] === 0) return Uint8Array.from([...head, 0]);
  return Uint8Array.from([...head, ...varint(messageIndexes.length), ...messageIndexes.flatMap(varint)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2; // zigzag of a number that is never negative
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** The message indexes behind the id or GUID, and where the record starts. Throws `schema.invalid-frame`. */
export function messageIndexesOf(payload: Uint8Array): { readonly indexes: readonly number[]; readonly start: number } {
  const from = { payload, at: headBytesOf(payload) };
  const count = readVarint(from);
  if (count === 0) return { indexes: firstMessage, start: from.at };
  if (count < 0 || count > indexesMax) throw invalidFrame(`expected at most ${indexesMax} message indexes, got ${count}`);
  const indexes = Array.from({ length: count }, () => readVarint(from));
  return { indexes, start: from.at };
}

function readVarint(from: { readonly payload: Uint8Array; at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = from.payload[from.at];
    if (byte === undefined) throw invalidFrame('the payload ends in the middle of its message indexes');
    from.at += 1;
    value |= (byte & 127) << shift;
    if (byte < 128) return (value >>> 1) ^ -(value & 1);
  }
  throw invalidFrame('a message index of more than 32 bits');
}
