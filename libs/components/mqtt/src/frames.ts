import { malformed } from './problems.ts';

/** One MQTT control packet as it stood on the wire. */
export interface Frame {
  /** The type in the upper four bits, the flags in the lower. */
  readonly first: number;
  /** What follows the fixed header; of a longer one only the beginning. A view wherever it came in one piece. */
  readonly body: Buffer;
  /** The length of the whole. */
  readonly bodyBytes: number;
}

const nothing: Buffer = Buffer.alloc(0);

/**
 * Cuts a byte stream into control packets (MQTT 5, section 2.1.1). Of a packet longer than `bodyBytesMax` it keeps that much and
 * lets the rest pass by, so that no sender decides how much memory is used.
 */
export class FrameReader {
  readonly #bodyBytesMax: number;
  readonly #waiting: Buffer[] = [];
  #chunk = nothing;
  #offset = 0;
  #first = -1;
  #length = 0;
  #lengthBytes = 0;
  #inBody = false;
  #seen = 0;
  #kept = 0;
  #parts: Buffer[] = [];

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
  }

  /** The next whole packet; null: more bytes are needed. Throws the problem `mqtt.malformed`. */
  next(): Frame | null {
    while (this.#inBody || this.#readHeader()) {
      if (this.#seen === this.#length) return this.#complete();
      if (!this.#hasByte()) return null;
      this.#readBody();
    }
    return null;
  }

  #hasByte(): boolean {
    while (this.#offset === this.#chunk.length) {
      const chunk = this.#waiting.shift();
      this.#chunk = chunk ?? nothing;
      this.#offset = 0;
      if (chunk === undefined) return false;
    }
    return true;
  }

  #readHeader(): boolean {
    while (this.#hasByte()) {
      const byte = this.#chunk[this.#offset] as number;
      this.#offset += 1;
      if (this.#first < 0) {
        this.#first = byte;
        continue;
      }
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
      this.#lengthBytes += 1;
      if (byte < 0x80) {
        this.#inBody = true;
        return true;
      }
      if (this.#lengthBytes === 4) throw malformed('a packet whose length takes more than four bytes');
    }
    return false;
  }

  #readBody(): void {
    const take = Math.min(this.#length - this.#seen, this.#chunk.length - this.#offset);
    const keep = Math.min(take, this.#bodyBytesMax - this.#kept);
    if (keep > 0) this.#parts.push(this.#chunk.subarray(this.#offset, this.#offset + keep));
    this.#kept += keep;
    this.#seen += take;
    this.#offset += take;
  }

  #complete(): Frame {
    const parts = this.#parts;
    const body = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const frame = { first: this.#first, body, bodyBytes: this.#length };
    this.#first = -1;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#inBody = false;
    this.#seen = 0;
    this.#kept = 0;
    this.#parts = [];
    return frame;
  }
}

/** A whole packet again, as a parser of others wants it. */
export function bytesOf({ first, body }: Frame): Buffer {
  const header = [first];
  let rest = body.length;
  do {
    header.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}
