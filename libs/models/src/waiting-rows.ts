import type { Answer } from './session.ts';

/** One caller's rows on their way to an answer. */
export interface WaitingRows {
  readonly features: Float32Array;
  readonly rows: number;
  /** Threads that ended while they worked on it. */
  losses: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Rows that go through a model together. */
export interface RowBatch {
  readonly parts: readonly WaitingRows[];
  readonly features: Float32Array<ArrayBuffer>;
  readonly rows: number;
}

/** The callers of one model in the order in which they came. Those that wait while a thread is busy share its next run. */
export class WaitingLine {
  #parts: WaitingRows[] = [];

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  add(part: WaitingRows): void {
    this.#parts.push(part);
  }

  /** Back to the front, in their order. */
  giveBack(parts: readonly WaitingRows[]): void {
    this.#parts = [...parts, ...this.#parts];
  }

  /** As many callers as fit, at least one. Rows that may have ended a thread go alone, so that they take nobody along. */
  take(rowsMax: number): RowBatch {
    let count = 0;
    let rows = 0;
    for (const part of this.#parts) {
      if (count > 0 && (rows + part.rows > rowsMax || part.losses > 0)) break;
      count += 1;
      rows += part.rows;
      if (part.losses > 0) break;
    }
    const parts = this.#parts.splice(0, count);
    return { parts, features: join(parts), rows };
  }
}

/** Copied even where there is one: a run takes its memory over, and the caller keeps its own. */
function join(parts: readonly WaitingRows[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, { features }) => sum + features.length, 0));
  let at = 0;
  for (const { features } of parts) {
    whole.set(features, at);
    at += features.length;
  }
  return whole;
}

/** Gives each caller its part of the answer. */
export function handOut({ parts }: RowBatch, { labels, scores }: Answer): void {
  let at = 0;
  for (const { rows, resolve } of parts) {
    resolve({ labels: labels.subarray(at, at + rows), scores: scores.subarray(at, at + rows) });
    at += rows;
  }
}
