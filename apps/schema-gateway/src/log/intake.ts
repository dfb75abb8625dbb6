import { Problem } from '@penstock/kernel';
import { type Change, fold, type LogRecord } from './records.ts';
import { State } from './state.ts';

/** Records that were sent and have not come back yet. */
export interface Arrival extends Disposable {
  readonly arrived: Promise<void>;
  readonly isComplete: boolean;
}

/** What comes from the topics: into the state, and to whoever waits for it. */
export class Intake {
  readonly state = new State();
  readonly #unreadable: (record: LogRecord, problem: Problem) => void;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #awaited = new Set<AwaitedRecords>();
  #changes = 0;

  constructor(unreadable: (record: LogRecord, problem: Problem) => void) {
    this.#unreadable = unreadable;
  }

  /** How many records were taken in: whatever was found out before another one may not hold any more. */
  get changes(): number {
    return this.#changes;
  }

  apply(record: LogRecord): void {
    this.#changes += 1;
    const change = this.#fold(record);
    for (const awaited of this.#awaited) awaited.take(record);
    if (change !== null) for (const listener of this.#listeners) listener(change);
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Call it before sending. They come back all or none, so the last one of each topic stands for them; the audit is not read. */
  arrivalOf(records: readonly LogRecord[]): Arrival {
    const awaited = new AwaitedRecords(records, () => void this.#awaited.delete(awaited));
    this.#awaited.add(awaited);
    return awaited;
  }

  #fold(record: LogRecord): Change | null {
    try {
      return fold(this.state, record);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      this.#unreadable(record, thrown);
      return null;
    }
  }
}

class AwaitedRecords implements Arrival {
  readonly #missing: LogRecord[];
  readonly #letGo: () => void;
  readonly #arrival = Promise.withResolvers<void>();

  constructor(records: readonly LogRecord[], letGo: () => void) {
    const lasts = new Map(records.map((record) => [record.topic, record]));
    lasts.delete('audit');
    this.#missing = [...lasts.values()];
    this.#letGo = letGo;
    if (this.isComplete) this.#arrival.resolve();
  }

  get arrived(): Promise<void> {
    return this.#arrival.promise;
  }

  get isComplete(): boolean {
    return this.#missing.length === 0;
  }

  take({ topic, key, value }: LogRecord): void {
    const index = this.#missing.findIndex((record) => record.topic === topic && record.key === key && record.value === value);
    if (index < 0) return;
    this.#missing.splice(index, 1);
    if (this.isComplete) this.#arrival.resolve();
  }

  [Symbol.dispose](): void {
    this.#letGo();
  }
}
