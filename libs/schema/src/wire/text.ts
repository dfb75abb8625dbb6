import { isAscii } from 'node:buffer';
import { invalidPayload } from '../problems.ts';

/** Buffer's fast readers and writers, which work on any Uint8Array and which Node's types leave out. */
interface TextOfBytes {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, at: number): number;
  latin1Write(this: Uint8Array, text: string, at: number): number;
}

const native = Buffer.prototype as unknown as TextOfBytes;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes [start, end) that are known to be ASCII. */
export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  return native.latin1Slice.call(bytes, start, end);
}

/** A whole payload as text. Throws `schema.invalid-payload` when it is not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return isAscii(bytes) ? native.latin1Slice.call(bytes, 0, bytes.length) : utf8Of(bytes);
}

/** Throws `schema.invalid-payload` when the bytes are not UTF-8; a truncated character is not either. */
export function utf8Of(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw invalidPayload('the text is not UTF-8', { cause });
  }
}

/** Writes UTF-8 and answers how many bytes it took; the room must be there. */
export function writeUtf8(text: string, to: Uint8Array, at: number): number {
  return native.utf8Write.call(to, text, at);
}

const internedLengthMax = 40;
const internedMask = 255;

/**
 * Readings say the same few words again and again: device, building, room. A short ASCII text that was read lately is answered
 * without being built anew. Bounded: one text for each of 256 places.
 */
export class RecentTexts {
  readonly #texts: string[] = new Array<string>(internedMask + 1).fill('');

  /** Bytes [start, end) as text. Throws `schema.invalid-payload`. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > internedLengthMax) return textOf(bytes.subarray(start, end));
    let hash = 0;
    let all = 0;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all > 127) return utf8Of(bytes.subarray(start, end));
    const place = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & internedMask;
    const recent = this.#texts[place] as string;
    if (recent.length === end - start && reads(recent, bytes, start)) return recent;
    const text = asciiOf(bytes, start, end);
    this.#texts[place] = text;
    return text;
  }
}

function reads(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
