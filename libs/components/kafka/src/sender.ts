import { Bell } from '@penstock/kernel';
import type { Kafka } from './kafka.ts';
import type { LingerLimits } from './limits.ts';
import { closed, problemOf } from './problems.ts';
import { type PlacedRecord, Producer } from './producer.ts';
import { recordBytes } from './record-batches.ts';

export interface SenderOptions {
  batchBytesMax(topic: string): number;
  readonly limits: LingerLimits;
}

interface Waiting {
  readonly records: readonly PlacedRecord[];
  readonly bytes: number;
  readonly stored: PromiseWithResolvers<void>;
}

/**
 * Idempotent sends in the order of the calls, gathered for a few milliseconds, with one request on its way at a time. A call
 * resolves when all replicas have its records. After a failure the sender is spent: everything later rejects and nothing of it is sent.
 */
export class Sender implements AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #options: SenderOptions;
  readonly #producer: Producer;
  readonly #ending = new AbortController();
  readonly #queue: Waiting[] = [];
  readonly #bell = new Bell();
  #queuedBytes = 0;
  #loop: Promise<void> | null = null;
  #spent: { readonly thrown: unknown } | null = null;

  constructor(kafka: Kafka, options: SenderOptions) {
    this.#kafka = kafka;
    this.#options = options;
    const { batchBytesMax } = options;
    this.#producer = new Producer(kafka, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
      batchBytesMax,
      signal: this.#ending.signal,
    });
  }

  get spent(): boolean {
    return this.#spent !== null;
  }

  send(records: readonly PlacedRecord[]): Promise<void> {
    if (this.#spent !== null) return Promise.reject(this.#spent.thrown);
    const stored = Promise.withResolvers<void>();
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    this.#queue.push({ records, bytes, stored });
    this.#queuedBytes += bytes;
    this.#bell.ring();
    this.#loop ??= this.#run();
    return stored.promise;
  }

  async #run(): Promise<void> {
    try {
      await this.#producer.initialise();
      for (;;) {
        const taken = await this.#gather();
        await this.#producer.send(taken.flatMap(({ records }) => records));
        for (const { stored } of taken) stored.resolve();
        this.#queue.splice(0, taken.length);
      }
    } catch (thrown) {
      const problem = problemOf(thrown, 'send');
      this.#spent = { thrown: problem };
      for (const { stored } of this.#queue.splice(0)) stored.reject(problem);
    }
  }

  /** What is taken stays in the queue until it is stored. */
  async #gather(): Promise<Waiting[]> {
    const { lingerMs, requestBytesMax } = this.#options.limits;
    while (this.#queue.length === 0) {
      this.#ending.signal.throwIfAborted();
      await this.#bell.wait();
    }
    if (this.#queuedBytes < requestBytesMax) await this.#kafka.clock.sleep(lingerMs, this.#ending.signal);
    const taken: Waiting[] = [];
    let bytes = 0;
    for (const waiting of this.#queue) {
      if (taken.length > 0 && bytes + waiting.bytes > requestBytesMax) break;
      taken.push(waiting);
      bytes += waiting.bytes;
    }
    this.#queuedBytes -= bytes;
    return taken;
  }

  /** What is still on its way is given up: its calls reject, and whether it is stored stays unknown. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(closed('the sender was closed'));
    this.#bell.ring();
    await this.#loop;
  }
}
