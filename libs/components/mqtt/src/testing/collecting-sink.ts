import { systemClock } from '@penstock/kernel';
import {
  type Claim,
  createFateCounts,
  type Delivery,
  Ledger,
  type Output,
  pumpLimits,
  runPump,
  type Sink,
  type Source,
  type Stage,
} from '@penstock/pipeline';

/** Stores outputs in memory, or stores nothing and answers nothing for as long as it is held. Keeps no positions. */
export class CollectingSink implements Sink {
  readonly stored: Output[] = [];
  #gate: PromiseWithResolvers<void> | null = null;

  hold(): void {
    this.#gate ??= Promise.withResolvers<void>();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  stores(): boolean {
    return true;
  }

  async claim(): Promise<Claim> {
    return {
      position: null,
      async *restore() {},
      deliver: (delivery) => this.#deliver(delivery),
      async [Symbol.asyncDispose]() {},
    };
  }

  async #deliver(delivery: Delivery): Promise<void> {
    await this.#gate?.promise;
    for (const output of delivery.outputs) this.stored.push(output);
  }

  payloads(): string[] {
    return this.stored.map(({ payload }) => Buffer.from(payload ?? []).toString('utf8'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Every row as it came. */
export const identity: Stage = {
  name: 'identity',
  async open(lane) {
    return {
      process(batch) {
        const outputs: Output[] = Array.from({ length: batch.length }, (_, row) => ({
          id: `${lane}/${batch.position(row)}`,
          route: 'main',
          key: batch.key(row),
          payload: batch.payload(row),
          headers: batch.headers(row),
          eventTimeMs: batch.arrivedAtMs(row),
          cause: row,
        }));
        const fates = createFateCounts({ forwarded: batch.length });
        return { lane, from: batch.from, to: batch.to, outputs, changes: [], fates, refusals: [] };
      },
      tick: () => null,
      [Symbol.dispose]: () => undefined,
    };
  },
};

export interface RunningPump extends AsyncDisposable {
  /** Codes of the problems that the engine waited out. */
  readonly waited: string[];
}

/** The real pump between a source and a sink; disposing drains it and closes the source. */
export function startPump(source: Source, sink: Sink): RunningPump {
  const drain = new AbortController();
  const waited: string[] = [];
  const ended = runPump(
    {
      source,
      sink,
      stage: identity,
      dead: null,
      origin: { pipeline: 'test', stage: 'identity' },
      clock: systemClock,
      random: Math.random,
      limits: { ...pumpLimits, backoff: { firstMs: 20, maxMs: 500, stableMs: 60_000 } },
      ledger: new Ledger(),
      events: { waiting: (_lane, problem) => void waited.push(problem.code) },
    },
    drain.signal,
  );
  ended.catch(() => undefined); // heard where it is disposed of
  return {
    waited,
    async [Symbol.asyncDispose]() {
      drain.abort();
      await ended;
      await source[Symbol.asyncDispose]();
    },
  };
}

/** In the order of their first arrival, each once. */
export function withoutDuplicates(payloads: readonly string[]): string[] {
  return [...new Set(payloads)];
}
