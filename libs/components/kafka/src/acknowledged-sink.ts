import type { Bury, Claim, DeadLetters, Delivery, Output, RefusedOutput, Sink, StateChange } from '@penstock/pipeline';
import type { Kafka } from './kafka.ts';
import { type LingerLimits, lingerLimits } from './limits.ts';
import { createPlacing, type Placing, type Routes } from './placing.ts';
import { closed, deadLetterTooLarge, tooLargeFor } from './problems.ts';
import type { PlacedRecord } from './producer.ts';
import { fits, recordBytes } from './record-batches.ts';
import { Sender } from './sender.ts';
import { batchLimits } from './topics.ts';

export interface AcknowledgedSinkOptions {
  readonly routes: Routes;
  readonly limits?: Partial<LingerLimits>;
}

/**
 * Kafka for sources that are acknowledged (MQTT, gRPC): keeps no positions, so it is called at least once. A delivery resolves when
 * all replicas have it.
 */
export function openAcknowledgedSink(kafka: Kafka, options: AcknowledgedSinkOptions): Sink {
  const place = createPlacing(options.routes);
  const limits = { ...lingerLimits, ...options.limits };
  const topics = [...options.routes.values()].map(({ topic }) => topic);
  return {
    stores: (route) => options.routes.has(route),
    claim: async () => {
      const sizes = await batchLimits(kafka, topics);
      const batchBytesMax = (topic: string): number => sizes.get(topic) as number;
      return new AcknowledgedClaim({ sender: new Sender(kafka, { batchBytesMax, limits }), place, batchBytesMax });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

interface AcknowledgedClaimParts {
  readonly sender: Sender;
  readonly place: Placing;
  batchBytesMax(topic: string): number;
}

class AcknowledgedClaim implements Claim {
  readonly position = null;
  readonly #parts: AcknowledgedClaimParts;
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(parts: AcknowledgedClaimParts) {
    this.#parts = parts;
  }

  async *restore(): AsyncIterable<StateChange> {}

  deliver(delivery: Delivery, bury: Bury): Promise<void> {
    if (delivery.changes.length > 0) return Promise.reject(new TypeError('a sink without positions stores no state'));
    const { records, refused } = this.#place(delivery.outputs);
    const stored = Promise.all([this.#parts.sender.send(records), refused.length === 0 ? undefined : bury(refused)]);
    const answered = this.#earlier.then(() => stored).then(() => undefined);
    stored.catch(() => undefined); // told by `answered`, in the order of the calls
    answered.catch(() => undefined);
    this.#earlier = answered;
    return answered;
  }

  #place(outputs: readonly Output[]): { records: PlacedRecord[]; refused: RefusedOutput[] } {
    const records: PlacedRecord[] = [];
    const refused: RefusedOutput[] = [];
    outputs.forEach((output, index) => {
      const record = this.#parts.place(output);
      const limit = this.#parts.batchBytesMax(record.topic);
      if (fits(record, limit)) records.push(record);
      else refused.push({ output: index, problem: tooLargeFor(record.topic, recordBytes(record), limit) });
    });
    return { records, refused };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.sender[Symbol.asyncDispose]();
  }
}

/** A dead letter topic for sinks that do not store dead letters themselves. At least once. */
export function openKafkaDeadLetters(kafka: Kafka, target: { topic: string; partitions: number }): DeadLetters & AsyncDisposable {
  const publisher = openPublisher(kafka, new Map([['dead', target]]));
  return { bury: (letters) => publisher.publish(letters), [Symbol.asyncDispose]: () => publisher[Symbol.asyncDispose]() };
}

/** Outputs that no lane caused: dead letters, documents, registrations. */
export interface Publisher extends AsyncDisposable {
  /** Resolves when all replicas have them, in the order of the calls. Throws Problems; then the next call starts anew. */
  publish(outputs: readonly Pick<Output, 'id' | 'route' | 'key' | 'payload' | 'headers'>[]): Promise<void>;
}

export function openPublisher(kafka: Kafka, routes: Routes, limits: Partial<LingerLimits> = {}): Publisher {
  const place = createPlacing(routes);
  let open: Promise<{ sender: Sender; sizes: Map<string, number> }> | null = null;
  let ended = false;
  const start = async (): Promise<{ sender: Sender; sizes: Map<string, number> }> => {
    const sizes = await batchLimits(
      kafka,
      [...routes.values()].map(({ topic }) => topic),
    );
    return {
      sizes,
      sender: new Sender(kafka, { batchBytesMax: (topic) => sizes.get(topic) as number, limits: { ...lingerLimits, ...limits } }),
    };
  };
  return {
    publish: async (outputs) => {
      if (ended) throw closed('the publisher was closed');
      open ??= start();
      const mine = open;
      try {
        const { sender, sizes } = await mine;
        await sender.send(outputs.map((output) => placeWhole(place, output as Output, sizes)));
      } catch (thrown) {
        if (open === mine) open = null;
        throw thrown;
      }
    },
    [Symbol.asyncDispose]: async () => {
      ended = true;
      await (await open?.catch(() => null))?.sender[Symbol.asyncDispose]();
    },
  };
}

function placeWhole(place: Placing, output: Output, sizes: ReadonlyMap<string, number>): PlacedRecord {
  const record = place(output);
  const limit = sizes.get(record.topic) as number;
  if (fits(record, limit)) return record;
  if (output.route !== 'dead') throw tooLargeFor(record.topic, recordBytes(record), limit);
  throw deadLetterTooLarge(
    `dead letter ${output.id}: ${recordBytes(record)} bytes, topic ${record.topic} takes ${limit}; raise its max.message.bytes`,
  );
}
