import type { Question } from './question.ts';
import type { UpstreamAnswer } from './upstream-client.ts';

/** An answer that was given, and for how long it is believed. */
export interface KeptAnswer {
  readonly answer: UpstreamAnswer;
  readonly question: Question;
  readonly keptMs: number;
  readonly freshUntilMs: number;
}

/** What each entry takes beside its text, roughly. */
const entryBytes = 512;
/** No one answer pushes all others out. */
const shareMax = 8;

/** Answers by what was asked, those used last; bounded by bytes. */
export class AnswerCache {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, KeptAnswer>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): KeptAnswer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  set(key: string, kept: KeptAnswer): void {
    this.delete(key);
    const bytes = bytesOf(key, kept);
    if (bytes > this.#bytesMax / shareMax) return;
    this.#kept.set(key, kept);
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= bytesOf(key, kept);
  }

  /** Forgets what is overtaken. */
  drop(isOvertaken: (kept: KeptAnswer) => boolean): void {
    for (const [key, kept] of this.#kept) if (isOvertaken(kept)) this.delete(key);
  }
}

function bytesOf(key: string, { answer }: KeptAnswer): number {
  return key.length * 2 + answer.body.length + entryBytes;
}
