import { invalidPayload } from '../problems.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import { wireType } from './wire-type.ts';

const groupDepthMax = 64;

/** Reads the two message types that are columns as well as the scalars. */
export class WireReader extends ByteReader {
  /** A google.protobuf.Timestamp as milliseconds since the epoch, rounded down. */
  timestampMs(): number {
    const outerEnd = this.end;
    const length = this.length();
    this.end = this.at + length;
    let seconds = 0;
    let nanos = 0;
    while (this.at < this.end) {
      const tag = this.varint();
      if (tag === 8) seconds = this.int64();
      else if (tag === 16) nanos = this.varint() | 0;
      else skipField(this, tag);
    }
    this.end = outerEnd;
    const timeMs = seconds * 1_000 + Math.floor(nanos / 1_000_000);
    if (!Number.isSafeInteger(timeMs) || nanos < 0 || nanos > 999_999_999)
      throw this.outOfRange(`${seconds} s ${nanos} ns`, 'a time');
    return timeMs;
  }
}

/** Goes past a field that nobody reads. */
export function skipField(reader: ByteReader, tag: number, depth = 0): void {
  const type = tag & 7;
  if (tag >>> 3 === 0 || depth > groupDepthMax)
    throw invalidPayload(`the tag ${tag} is none: the record is no message of its schema`);
  if (type === wireType.varint) reader.wide();
  else if (type === wireType.bit64) reader.skip(8);
  else if (type === wireType.bit32) reader.skip(4);
  else if (type === wireType.lengthDelimited) reader.skip(reader.length());
  else if (type === wireType.startGroup) skipGroup(reader, tag, depth);
  else throw invalidPayload(`wire type ${type} of field ${tag >>> 3}: the record is no message of its schema`);
}

function skipGroup(reader: ByteReader, start: number, depth: number): void {
  const end = ((start & ~7) | wireType.endGroup) >>> 0;
  for (;;) {
    if (reader.at >= reader.end) throw reader.truncated();
    const tag = reader.varint();
    if (tag === end) return;
    skipField(reader, tag, depth + 1);
  }
}
