import { Bell } from '@penstock/kernel';
import type { Assignment, Batch, Lane, Source } from '@penstock/pipeline';
import { MqttBatch } from './batch.ts';
import { type MqttSourceSettings, mqttSourceConfig } from './config.ts';
import { type MqttReading, type MqttSourceContext, Session } from './session.ts';

export interface MqttSource extends Source {
  reading(): MqttReading;
}

/**
 * Reads one persistent MQTT session as the one lane `mqtt/<client id>`. A QoS 1 publish is acknowledged when it is settled, in
 * the order of receipt; what is not settled is handed out again from memory after a failure, and by the broker after a lost
 * connection or a crash. Throws a ZodError on settings that make no sense.
 */
export function openMqttSource(settings: MqttSourceSettings, context: MqttSourceContext): MqttSource {
  const config = mqttSourceConfig.parse(settings);
  const assignment = new MqttAssignment((changed) => new Session(config, context, changed), {
    lane: `mqtt/${config.clientId}`,
    batchRowsMax: config.batchRowsMax,
  });
  return {
    async *assignments(signal) {
      signal.addEventListener('abort', () => assignment.session.stopIntake(), { once: true });
      if (!signal.aborted) yield assignment;
    },
    reading: () => assignment.session.reading(),
    [Symbol.asyncDispose]: () => assignment.close(),
  };
}

class MqttAssignment implements Assignment {
  readonly lane: Lane;
  readonly session: Session;
  readonly #batchRowsMax: number;
  readonly #revocation = new AbortController();
  #reader: BatchReader | null = null;
  /** Below this, positions were handed out in this life. */
  #handedTo: number;

  constructor(openSession: (changed: () => void) => Session, { lane, batchRowsMax }: { lane: Lane; batchRowsMax: number }) {
    this.lane = lane;
    this.#batchRowsMax = batchRowsMax;
    this.session = openSession(() => this.#reader?.ring());
    this.#handedTo = this.session.window.first;
  }

  get revoked(): AbortSignal {
    return this.#revocation.signal;
  }

  batches(from: number | null): AsyncIterable<Batch> {
    this.#reader?.end();
    this.#agree(from);
    this.session.connect();
    const reader = new BatchReader(this.session.window.first, {
      read: (position) => this.#read(position),
      failure: () => (this.session.window.rows === 0 ? this.session.failure : null),
    });
    this.#reader = reader;
    return { [Symbol.asyncIterator]: () => reader };
  }

  settle(to: number): void {
    this.session.settle(to);
  }

  caughtUpAtMs(): number | null {
    return this.#handedTo < this.session.window.next ? null : this.session.idleAtMs;
  }

  async close(): Promise<void> {
    this.#revocation.abort();
    this.#reader?.end();
    await this.session.close();
  }

  /**
   * A sink that keeps positions says where it stands. What this life has handed out below that is stored, so it is settled.
   * A position that this life has never reached stems from an earlier one: then ours go on from there.
   */
  #agree(from: number | null): void {
    const { window } = this.session;
    if (from === null || from <= window.first) return;
    if (from <= this.#handedTo) return this.session.settle(from);
    window.rebase(from);
    this.#handedTo = from;
  }

  #read(position: number): Batch | null {
    const rows = this.session.window.read(position, this.#batchRowsMax);
    if (rows.length === 0) return null;
    const batch = new MqttBatch(this.lane, position, rows);
    this.#handedTo = Math.max(this.#handedTo, batch.to);
    return batch;
  }
}

interface BatchReaderParts {
  /** The batch at a position; null: nothing there yet. */
  read(position: number): Batch | null;
  /** Why nothing more will come, once all that came is settled. */
  failure(): unknown;
}

/** One iteration over the window. Ends at once when told to, even while somebody waits for its next batch. */
class BatchReader implements AsyncIterator<Batch> {
  readonly #parts: BatchReaderParts;
  readonly #bell = new Bell();
  #position: number;
  #ended = false;

  constructor(position: number, parts: BatchReaderParts) {
    this.#position = position;
    this.#parts = parts;
  }

  async next(): Promise<IteratorResult<Batch>> {
    while (!this.#ended) {
      const batch = this.#parts.read(this.#position);
      if (batch !== null) {
        this.#position = batch.to;
        return { done: false, value: batch };
      }
      const failure = this.#parts.failure();
      if (failure !== null) throw failure;
      await this.#bell.wait();
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Batch>> {
    this.end();
    return { done: true, value: undefined };
  }

  end(): void {
    this.#ended = true;
    this.#bell.ring();
  }

  ring(): void {
    this.#bell.ring();
  }
}
