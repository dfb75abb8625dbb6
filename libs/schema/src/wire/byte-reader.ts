import { integerOutOfRange, invalidPayload, notFinite } from '../problems.ts';
import { RecentTexts } from './text.ts';

const scratch = new Uint8Array(8);
const asDouble = new Float64Array(scratch.buffer);
const asFloat = new Float32Array(scratch.buffer);
const asInteger = new Int32Array(scratch.buffer);
/** Of values that nobody reads: more than any record has that somebody meant. */
const stepsMax = 100_000;
const stepsOfByte = 16;
const twoTo32 = 4_294_967_296;

/** Reads one payload of Protobuf or Avro, both little-endian with varints. Every reader throws a coded problem. */
export class ByteReader {
  bytes: Uint8Array = scratch;
  at = 0;
  end = 0;
  /** The field that is being read, for messages. */
  field = '';
  #low = 0;
  #high = 0;
  readonly #texts = new RecentTexts();
  #steps = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.#steps = 0;
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.field = 'the record';
  }

  /** Values that are skipped may be of no bytes, and as many as a count says: work is bounded by the payload all the same. */
  pass(values: number): void {
    this.#steps += values;
    if (this.#steps > stepsMax + this.end * stepsOfByte)
      throw invalidPayload(`${this.field}: too many values that take no bytes`, { facts: { field: this.field } });
  }

  /** An unsigned varint of at most 32 bits; higher bits are dropped, as Protobuf does. */
  varint(): number {
    const { bytes, at } = this;
    const byte = at < this.end ? (bytes[at] as number) : 0x80;
    if (byte < 0x80) {
      this.at = at + 1;
      return byte;
    }
    this.wide();
    return this.#low >>> 0;
  }

  /** The number of bytes that follow; they must be there. */
  length(): number {
    const length = this.varint();
    if (length > this.end - this.at) throw this.truncated();
    return length;
  }

  /** Reads a varint of up to 64 bits into two halves. */
  wide(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw this.truncated();
      const byte = this.bytes[this.at] as number;
      this.at += 1;
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else if (shift < 63) high |= (byte & 0x7f) << (shift - 32);
      else if ((byte & 0x7f) > 1)
        throw invalidPayload(`${this.field}: a varint of more than 64 bits`, { facts: { field: this.field } });
      else high |= byte << 31;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw invalidPayload(`${this.field}: a varint of more than 10 bytes`, { facts: { field: this.field } });
  }

  /** Avro's int and long, Protobuf's sint: zigzag. */
  zigzag(): number {
    const { bytes, at } = this;
    if (at < this.end) {
      const byte = bytes[at] as number;
      if (byte < 0x80) {
        this.at = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    this.wide();
    const mask = -(this.#low & 1);
    const low = ((this.#low >>> 1) | (this.#high << 31)) ^ mask;
    return this.safe((this.#high >>> 1) ^ mask, low >>> 0);
  }

  zigzag32(): number {
    const value = this.zigzag();
    if (value !== (value | 0)) throw this.outOfRange(String(value), '32 bits');
    return value;
  }

  int64(): number {
    this.wide();
    return this.safe(this.#high | 0, this.#low >>> 0);
  }

  uint64(): number {
    this.wide();
    return this.safe(this.#high >>> 0, this.#low >>> 0);
  }

  fixed32(): number {
    this.take(4);
    return (asInteger[0] as number) >>> 0;
  }

  sfixed32(): number {
    this.take(4);
    return asInteger[0] as number;
  }

  fixed64(): number {
    this.take(8);
    return this.safe((asInteger[1] as number) >>> 0, (asInteger[0] as number) >>> 0);
  }

  sfixed64(): number {
    this.take(8);
    return this.safe(asInteger[1] as number, (asInteger[0] as number) >>> 0);
  }

  double(): number {
    this.take(8);
    const value = asDouble[0] as number;
    if (value - value !== 0) throw this.infinite(value); // NaN and the infinities, and nothing else
    return value;
  }

  float(): number {
    this.take(4);
    const value = asFloat[0] as number;
    if (value - value !== 0) throw this.infinite(value);
    return value;
  }

  /** One byte, 0 or 1 (Avro). */
  bit(): boolean {
    if (this.at >= this.end) throw this.truncated();
    const byte = this.bytes[this.at] as number;
    if (byte > 1)
      throw invalidPayload(`${this.field}: expected a boolean, got the byte ${byte}`, { facts: { field: this.field } });
    this.at += 1;
    return byte === 1;
  }

  string(length: number): string {
    const start = this.at;
    this.skip(length);
    try {
      return this.#texts.read(this.bytes, start, this.at);
    } catch (cause) {
      throw invalidPayload(`${this.field}: the text is not UTF-8`, { facts: { field: this.field }, cause });
    }
  }

  /** A view on the payload. */
  view(length: number): Uint8Array {
    const start = this.at;
    this.skip(length);
    return this.bytes.subarray(start, this.at);
  }

  skip(length: number): void {
    if (length < 0 || length > this.end - this.at) throw this.truncated();
    this.at += length;
  }

  /** Nothing may follow a whole record. */
  finish(): void {
    if (this.at === this.end) return;
    const trailing = this.end - this.at;
    throw invalidPayload(`${trailing} bytes follow the end of the record`, { facts: { trailing } });
  }

  take(size: 4 | 8): void {
    const { bytes, at } = this;
    if (at + size > this.end) throw this.truncated();
    for (let index = 0; index < size; index += 1) scratch[index] = bytes[at + index] as number;
    this.at = at + size;
  }

  safe(high: number, low: number): number {
    const value = high * twoTo32 + low;
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) throw this.outOfRange(String(value), '2^53');
    return value;
  }

  outOfRange(value: string, limit: string): Error {
    return integerOutOfRange(`${this.field}: ${value} does not fit into ${limit}`, { facts: { field: this.field } });
  }

  infinite(value: number): Error {
    return notFinite(`${this.field}: expected a finite number, got ${value}`, { facts: { field: this.field } });
  }

  truncated(): Error {
    return invalidPayload(`${this.field}: the payload ends in the middle of it`, { facts: { field: this.field } });
  }
}
