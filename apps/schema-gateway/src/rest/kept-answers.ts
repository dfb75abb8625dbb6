import { crc32 } from 'node:zlib';

/** What is asked: where, and with which body. */
export interface Asked {
  /** Everything that the answer depends on besides the body and what the gateway knows. */
  readonly line: string;
  readonly body: Uint8Array | null;
  /** Of the body; 0 without one. */
  readonly sum: number;
}

interface Kept {
  /** Bodies of one sum need not be the same. */
  readonly body: Uint8Array | null;
  readonly answer: Buffer;
}

const countMax = 2_000;
const bytesMax = 16_777_216;
/** A larger body, or answer, is not kept. */
const partBytesMax = 65_536;
/** A power of two: places for what was asked once. */
const marks = 4_096;

export function askedOf(line: string, body: Uint8Array | null): Asked {
  return { line, body, sum: body === null ? 0 : crc32(body) };
}

/**
 * Answers as bytes, for clients that ask the same again and again. They hold until anything changes that the gateway knows, whatever it
 * is; what is asked once, as most new schemas are, is not kept. Bounded by count and bytes, the oldest go first.
 */
export class KeptAnswers {
  readonly #changes: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Uint32Array(marks);
  #changesThen = -1;
  #bytes = 0;

  /** `changes` counts all that may change an answer. */
  constructor(changes: () => number) {
    this.#changes = changes;
  }

  get changes(): number {
    return this.#changes();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(asked: Asked): Buffer | undefined {
    this.#forgetOvertaken();
    const kept = this.#kept.get(keyOf(asked));
    return kept !== undefined && isSame(kept.body, asked.body) ? kept.answer : undefined;
  }

  /** Takes an answer that was found since the last change; what is asked for the first time is only remembered as asked. */
  offer(asked: Asked, answer: Buffer): void {
    const { body } = asked;
    if ((body?.length ?? 0) > partBytesMax || answer.length > partBytesMax || !this.#isHabit(asked)) return;
    this.#forgetOvertaken();
    const key = keyOf(asked);
    this.#drop(key);
    this.#kept.set(key, { body: body === null ? null : ownBytes(body), answer: ownBytes(answer) });
    this.#bytes += (body?.length ?? 0) + answer.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= countMax && this.#bytes <= bytesMax) return;
      this.#drop(oldest);
    }
  }

  #forgetOvertaken(): void {
    const changes = this.#changes();
    if (changes === this.#changesThen) return;
    this.#changesThen = changes;
    this.#kept.clear();
    this.#bytes = 0;
  }

  #isHabit({ line, sum }: Asked): boolean {
    const mark = crc32(line, sum);
    const place = mark % marks;
    const isKnown = this.#asked[place] === mark;
    this.#asked[place] = mark;
    return isKnown;
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= (kept.body?.length ?? 0) + kept.answer.length;
  }
}

function keyOf({ line, body, sum }: Asked): string {
  return body === null ? line : `${sum} ${line}`;
}

function isSame(left: Uint8Array | null, right: Uint8Array | null): boolean {
  return left === null || right === null ? left === right : Buffer.compare(left, right) === 0;
}

/** Not a part of a larger piece of memory, which would be kept with it. */
function ownBytes(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
