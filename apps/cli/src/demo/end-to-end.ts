import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { systemClock } from '@penstock/kernel';
import type { AcknowledgedPublish } from './publishing.ts';
import type { Tables } from './stored-predictions.ts';

const tailBytes = 4_096;
const pollMs = 25;
const restMs = 1_000;
const lostMs = 60_000;

/** From a reading's PUBACK to its row, measured from outside: now and then one reading is followed. */
export class EndToEnd implements AsyncDisposable {
  readonly latenciesMs: number[] = [];
  readonly #ending = new AbortController();
  readonly #following: Promise<void>;

  constructor(acknowledgedFile: string, tables: Tables) {
    this.#following = this.#follow(acknowledgedFile, tables);
  }

  async #follow(file: string, tables: Tables): Promise<void> {
    const { signal } = this.#ending;
    let before = '';
    while (!signal.aborted) {
      const line = lastLineOf(file);
      if (line !== null && line !== before) await this.#measure(JSON.parse(line) as AcknowledgedPublish, tables);
      before = line ?? before;
      await systemClock.sleep(restMs, signal);
    }
  }

  async #measure({ kind, deviceId, sequence }: AcknowledgedPublish, tables: Tables): Promise<void> {
    if (kind !== 'reading') return;
    const fromMs = performance.now();
    while (!this.#ending.signal.aborted && performance.now() - fromMs < lostMs) {
      if (await tables.holds(deviceId, sequence).catch(() => false)) {
        this.latenciesMs.push(performance.now() - fromMs);
        return;
      }
      await systemClock.sleep(pollMs, this.#ending.signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#following;
  }
}

export function quantileOf(values: readonly number[], fraction: number): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? null;
}

/** The last whole line of a file that grows; null while there is none. */
function lastLineOf(file: string): string | null {
  if (!existsSync(file)) return null;
  const { size } = statSync(file);
  const from = Math.max(0, size - tailBytes);
  const buffer = Buffer.alloc(size - from);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, from);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString('utf8').split('\n').at(-2) ?? null;
}
