import { Bell, type Problem } from '@penstock/kernel';
import type { Bury, Claim, Delivery, Output, StateChange } from '@penstock/pipeline';
import type { Kafka } from './kafka.ts';
import type { KafkaSinkLimits } from './limits.ts';
import { readRange } from './partition-reader.ts';
import type { Placing } from './placing.ts';
import type { TopicPartition } from './port.ts';
import { closed, deadLetterTooLarge, problemOf, tooLargeFor } from './problems.ts';
import type { PlacedRecord, Producer } from './producer.ts';
import { fits, recordBytes } from './record-batches.ts';
import { decodeChange, encodeChange } from './state-record.ts';

export interface TransactionalClaimParts {
  readonly at: TopicPartition;
  readonly position: number;
  readonly groupId: string;
  readonly changelog: string | null;
  readonly producer: Producer;
  readonly place: Placing;
  batchBytesMax(topic: string): number;
  /** Aborting it stops whatever the producer still tries. */
  readonly ending: AbortController;
  readonly limits: KafkaSinkLimits;
  letGo(): void;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly bury: Bury;
  readonly bytes: number;
  readonly stored: PromiseWithResolvers<void>;
}

/** What one transaction stores. */
interface Filling {
  readonly records: PlacedRecord[];
  readonly changes: Map<string, PlacedRecord>;
  readonly buried: Promise<void>[];
  /** Rings when dead letters came back to this claim. */
  readonly letters: Bell;
}

/** One lane's transactions, one after the other: deliveries are grouped by time, count and bytes. */
export class TransactionalClaim implements Claim {
  readonly position: number;
  readonly #kafka: Kafka;
  readonly #parts: TransactionalClaimParts;
  readonly #queue: Waiting[] = [];
  readonly #bell = new Bell();
  readonly #loop: Promise<void>;
  #filling: Filling | null = null;
  #letters: PromiseWithResolvers<void>[] = [];
  #spent: { readonly thrown: unknown } | null = null;

  constructor(kafka: Kafka, parts: TransactionalClaimParts) {
    this.#kafka = kafka;
    this.#parts = parts;
    this.position = parts.position;
    this.#loop = this.#run();
  }

  /** Reads the changelog to its last stable offset, which the fence has put at its end. */
  async *restore(): AsyncIterable<StateChange> {
    const { changelog, at } = this.#parts;
    if (changelog === null) return;
    const state = new Map<string, StateChange>();
    const partition = { topic: changelog, partition: at.partition };
    for await (const record of readRange(this.#kafka, partition, {
      from: 'earliest',
      to: 'latest',
      signal: this.#parts.ending.signal,
    })) {
      const name = Buffer.from(record.key ?? []).toString('latin1');
      if (record.value === null) state.delete(name);
      else state.set(name, decodeChange(record));
    }
    yield* state.values();
  }

  deliver(delivery: Delivery, bury: Bury): Promise<void> {
    if (this.#spent !== null) return Promise.reject(this.#spent.thrown);
    const stored = Promise.withResolvers<void>();
    this.#queue.push({ delivery, bury, bytes: bytesOf(delivery), stored });
    this.#bell.ring();
    return stored.promise;
  }

  /** Takes dead letters into the transaction that is being filled; resolves when it is committed. */
  async bury(letters: readonly Output[]): Promise<void> {
    if (this.#filling === null)
      throw closed(`dead letters outside of a delivery of ${this.#parts.at.topic}/${this.#parts.at.partition}`);
    for (const letter of letters) this.#filling.records.push(this.#placeLetter(letter));
    const durable = Promise.withResolvers<void>();
    this.#letters.push(durable);
    this.#filling.letters.ring();
    await durable.promise;
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const taken = await this.#collect();
        await this.#store(taken);
        for (const { stored } of taken) stored.resolve();
      }
    } catch (thrown) {
      this.#spend(thrown);
    }
  }

  /** Waits for a first delivery, then for company until the transaction is due; the deliveries stay in the queue till they are stored. */
  async #collect(): Promise<Waiting[]> {
    const { limits, ending } = this.#parts;
    const { clock } = this.#kafka;
    while (this.#queue.length === 0) {
      ending.signal.throwIfAborted();
      await this.#bell.wait();
    }
    const due = new AbortController();
    let isDue = false;
    void clock.sleep(limits.transactionMs, due.signal).then(() => {
      isDue = true;
      this.#bell.ring();
    });
    while (!isDue && !this.#isFull()) await this.#bell.wait();
    due.abort();
    ending.signal.throwIfAborted();
    return this.#queue.slice(0, limits.transactionDeliveriesMax);
  }

  #isFull(): boolean {
    const { transactionDeliveriesMax, transactionBytesMax } = this.#parts.limits;
    if (this.#parts.ending.signal.aborted || this.#queue.length >= transactionDeliveriesMax) return true;
    return this.#queue.reduce((bytes, waiting) => bytes + waiting.bytes, 0) >= transactionBytesMax;
  }

  async #store(taken: readonly Waiting[]): Promise<void> {
    const { producer, at, groupId } = this.#parts;
    const filling: Filling = { records: [], changes: new Map(), buried: [], letters: new Bell() };
    this.#filling = filling;
    for (const waiting of taken) await this.#fill(filling, waiting);
    this.#filling = null;
    await producer.send([...filling.records, ...filling.changes.values()]);
    const moved = taken.findLast(({ delivery }) => delivery.from !== delivery.to);
    if (moved !== undefined) await producer.commitOffsets({ groupId, offsets: [{ ...at, offset: moved.delivery.to }] });
    await producer.end(true);
    for (const letter of this.#letters.splice(0)) letter.resolve();
    await Promise.all(filling.buried);
    this.#queue.splice(0, taken.length);
  }

  async #fill(filling: Filling, { delivery, bury }: Waiting): Promise<void> {
    const { place, batchBytesMax } = this.#parts;
    const refused: { output: number; problem: Problem }[] = [];
    delivery.outputs.forEach((output, index) => {
      const record = output.route === 'dead' ? this.#placeLetter(output) : place(output);
      if (!fits(record, batchBytesMax(record.topic)))
        refused.push({ output: index, problem: tooLargeFor(record.topic, recordBytes(record), batchBytesMax(record.topic)) });
      else filling.records.push(record);
    });
    for (const change of delivery.changes) this.#fillChange(filling, change);
    if (refused.length > 0) await this.#refuse(filling, bury(refused));
  }

  /** Letters that came back to this claim are durable when it commits; letters that went elsewhere must be durable before. */
  async #refuse(filling: Filling, burying: Promise<void>): Promise<void> {
    burying.catch(() => undefined); // awaited after the commit; a failure before it spends the claim anyway
    filling.buried.push(burying);
    await Promise.race([burying, filling.letters.wait()]);
  }

  #fillChange(filling: Filling, change: StateChange): void {
    const { changelog, at } = this.#parts;
    if (changelog === null) throw new TypeError(`store ${change.store} changed in a stage without a changelog`);
    const record = encodeChange(change);
    filling.changes.set(Buffer.from(record.key ?? []).toString('latin1'), {
      ...record,
      topic: changelog,
      partition: at.partition,
    });
  }

  #placeLetter(letter: Output): PlacedRecord {
    const { place, batchBytesMax } = this.#parts;
    const record = place(letter);
    const limit = batchBytesMax(record.topic);
    if (fits(record, limit)) return record;
    throw deadLetterTooLarge(
      `dead letter ${letter.id}: ${recordBytes(record)} bytes, topic ${record.topic} takes ${limit}; raise its max.message.bytes`,
    );
  }

  #spend(thrown: unknown): void {
    const problem = problemOf(thrown, `transaction of ${this.#parts.at.topic}/${this.#parts.at.partition}`);
    this.#spent = { thrown: problem };
    for (const letter of this.#letters.splice(0)) letter.reject(problem);
    for (const { stored } of this.#queue.splice(0)) stored.reject(problem);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { at, ending, producer, letGo } = this.#parts;
    ending.abort(closed(`lane ${at.topic}/${at.partition} was let go`));
    this.#bell.ring();
    await this.#loop;
    letGo();
    await producer.abandon();
  }
}

function bytesOf({ outputs, changes }: Delivery): number {
  let bytes = 0;
  for (const { key, payload } of outputs) bytes += (key?.length ?? 0) + (payload?.length ?? 0);
  for (const { key, value } of changes) bytes += key.length + (value?.length ?? 0);
  return bytes;
}
