import { integerOutOfRange, invalidPayload, notFinite } from '../problems.ts';
import { writeUtf8 } from './text.ts';

const slabBytes = 65_536;
const shortTextMax = 40;
const scratch = new Uint8Array(8);
const asDouble = new Float64Array(scratch.buffer);
const asFloat = new Float32Array(scratch.buffer);
const asInteger = new Uint32Array(scratch.buffer);
const twoTo32 = 4_294_967_296;

/**
 * Writes payloads one behind the other into slabs that are never written again: what `take` answers stays valid for as long as
 * it is held. `reserve` first; the writers below it do not look for room.
 */
export class ByteWriter {
  bytes: Uint8Array = Buffer.allocUnsafeSlow(slabBytes);
  at = 0;
  #start = 0;

  /** Begins a payload of at most `bytesMax`. */
  reserve(bytesMax: number): void {
    if (this.at + bytesMax > this.bytes.length) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytesMax));
      this.at = 0;
    }
    this.#start = this.at;
  }

  /** The payload written since `reserve`. */
  take(): Uint8Array {
    return this.bytes.subarray(this.#start, this.at);
  }

  /** Forgets what was written since `reserve`. */
  undo(): void {
    this.at = this.#start;
  }

  byte(value: number): void {
    this.bytes[this.at] = value;
    this.at += 1;
  }

  raw(from: Uint8Array): void {
    this.bytes.set(from, this.at);
    this.at += from.length;
  }

  /** An unsigned varint of a safe integer. */
  varint(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    let low = rest | 0;
    while (low > 127) {
      bytes[at++] = (low & 127) | 128;
      low >>>= 7;
    }
    bytes[at++] = low;
    this.at = at;
  }

  /** Protobuf's int32 and int64: a negative number takes ten bytes. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    let low = value >>> 0;
    let high = Math.floor(value / twoTo32) >>> 0;
    for (let index = 0; index < 9; index += 1) {
      this.byte((low & 127) | 128);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.byte(low & 127);
  }

  zigzag(value: number): void {
    if (value >= -0x3fffffff && value <= 0x3fffffff) this.varint((value << 1) ^ (value >> 31));
    else if (Math.abs(value) < 2 ** 52) this.varint(value < 0 ? -value * 2 - 1 : value * 2);
    else this.zigzagBig(value);
  }

  zigzagBig(value: number): void {
    let rest = value < 0 ? -BigInt(value) * 2n - 1n : BigInt(value) * 2n;
    for (; rest > 127n; rest >>= 7n) this.byte(Number(rest & 127n) | 128);
    this.byte(Number(rest));
  }

  fixed32(value: number): void {
    asInteger[0] = value;
    this.put(4);
  }

  fixed64(value: number): void {
    asInteger[0] = value;
    asInteger[1] = Math.floor(value / twoTo32);
    this.put(8);
  }

  double(value: number): void {
    asDouble[0] = value;
    this.put(8);
  }

  float(value: number): void {
    asFloat[0] = value;
    this.put(4);
  }

  put(size: 4 | 8): void {
    const { bytes, at } = this;
    for (let index = 0; index < size; index += 1) bytes[at + index] = scratch[index] as number;
    this.at = at + size;
  }

  /** UTF-8 behind its length, as a varint or (Avro) as a zigzag one. Takes at most 3 bytes a character and 10 for the length. */
  text(value: string, lengthShift: 0 | 1): void {
    if (value.length > shortTextMax || !this.shortAscii(value, lengthShift)) this.longText(value, lengthShift);
  }

  shortAscii(value: string, lengthShift: 0 | 1): boolean {
    const { bytes } = this;
    const start = this.at + 1;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      bytes[start + index] = code;
    }
    bytes[start - 1] = value.length << lengthShift;
    this.at = start + value.length;
    return true;
  }

  longText(value: string, lengthShift: 0 | 1): void {
    if (!value.isWellFormed()) throw invalidPayload('a text with half a surrogate pair cannot be written as UTF-8');
    this.varint(Buffer.byteLength(value) << lengthShift);
    this.at += writeUtf8(value, this.bytes, this.at);
  }

  sized(value: Uint8Array, lengthShift: 0 | 1): void {
    this.varint(value.length << lengthShift);
    this.raw(value);
  }
}

/** Throws `schema.not-finite` for the infinities; NaN never comes, it means null. */
export function checkFinite(value: number, field: string): void {
  if (value - value !== 0) throw notFinite(`${field}: expected a finite number, got ${value}`, { facts: { field } });
}

/** Throws `schema.integer-out-of-range` unless the value is whole and within [min, max]. */
export function checkWhole(value: number, field: string, range: { readonly min: number; readonly max: number }): void {
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return;
  const message = `${field}: expected a whole number from ${range.min} to ${range.max}, got ${value}`;
  throw integerOutOfRange(message, { facts: { field, value } });
}
