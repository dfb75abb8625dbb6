import { type Clock, systemClock } from '@penstock/kernel';
import { Crew } from './crew.ts';
import type { ModelThread } from './model-thread.ts';
import { overloaded, unloaded, workerLost } from './problems.ts';
import { type Answer, checkRows } from './session.ts';
import type { ModelKind, Signature } from './signature.ts';
import type { Loaded } from './thread-messages.ts';
import { handOut, type RowBatch, WaitingLine } from './waiting-rows.ts';

export interface ModelPoolSettings {
  /** Threads, each with every model in it. */
  readonly workers: number;
  /** Rows of several callers that go through a model together. */
  readonly batchRowsMax?: number;
  /** Rows that may wait for all models together. */
  readonly waitingRowsMax?: number;
  /** A run that takes longer ends its thread. */
  readonly runMsMax?: number;
  /** Loads after which a thread is replaced, because released sessions leave some memory behind. */
  readonly loadsMax?: number;
  readonly clock?: Clock;
  /** What the threads run; tests have one that dies. */
  readonly program?: URL;
}

/** A model that is ready to answer. Closing it lets every request that came before have its answer. */
export interface LoadedModel extends AsyncDisposable {
  readonly signature: Signature;
  readonly kind: ModelKind;
  /** Scores rows given one after the other; NaN is a missing value. The caller keeps its array. */
  predict(features: Float32Array, rows: number): Promise<Answer>;
}

export interface ModelPoolReading {
  readonly models: number;
  readonly waitingRows: number;
  /** Runs so far, and the rows that went through them. */
  readonly runs: number;
  readonly rows: number;
  /** Threads that ended without being told to. */
  readonly workersLost: number;
}

export interface ModelPool extends AsyncDisposable {
  /** Resolves when every thread has the model and it has answered once; rejects with `models.refused` for one that cannot serve. */
  load(bytes: Uint8Array, options: { readonly inputs: number }): Promise<LoadedModel>;
  read(): ModelPoolReading;
}

const defaults = { batchRowsMax: 4096, waitingRowsMax: 1_000_000, runMsMax: 30_000, loadsMax: 100 } as const;
/** Threads that may end under one request before it is given up. */
const lossesMax = 3;

/**
 * ONNX Runtime in worker threads: a run blocks its thread and nothing else. Callers that come while all threads are busy share
 * the next run. Models come and go while others answer.
 */
export function openModelPool(settings: ModelPoolSettings): ModelPool {
  return new Pool(settings);
}

class Pool implements ModelPool {
  readonly #crew: Crew;
  readonly #clock: Clock;
  readonly #limits: Pick<Required<ModelPoolSettings>, keyof typeof defaults>;
  readonly #models = new Set<PooledModel>();
  #waitingRows = 0;
  #runs = 0;
  #rows = 0;

  constructor(settings: ModelPoolSettings) {
    const { workers, clock = systemClock, program = new URL('./thread.ts', import.meta.url) } = settings;
    if (!Number.isInteger(workers) || workers < 1) throw new RangeError(`a pool needs at least one worker, got ${workers}`);
    this.#limits = { ...defaults, ...settings };
    this.#clock = clock;
    const { loadsMax } = this.#limits;
    this.#crew = new Crew({ threads: workers, program, clock, loadsMax, changed: () => this.#dispatch() });
  }

  async load(bytes: Uint8Array, { inputs }: { readonly inputs: number }): Promise<LoadedModel> {
    const { model, loaded } = await this.#crew.load(bytes, inputs);
    const pooled = new PooledModel(loaded, {
      number: model,
      enqueue: (part) => this.#enqueue(pooled, part),
      forget: async () => {
        this.#models.delete(pooled);
        await this.#crew.unload(model);
      },
    });
    this.#models.add(pooled);
    return pooled;
  }

  read(): ModelPoolReading {
    return {
      models: this.#models.size,
      waitingRows: this.#waitingRows,
      runs: this.#runs,
      rows: this.#rows,
      workersLost: this.#crew.losses,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#models].map((model) => model[Symbol.asyncDispose]()));
    await this.#crew.close();
  }

  #enqueue(model: PooledModel, { features, rows }: { features: Float32Array; rows: number }): Promise<Answer> {
    if (this.#waitingRows + rows > this.#limits.waitingRowsMax) {
      throw overloaded(`${this.#waitingRows} rows wait for an answer, and the pool takes ${this.#limits.waitingRowsMax}`);
    }
    this.#waitingRows += rows;
    return new Promise((resolve, reject) => {
      model.line.add({ features, rows, losses: 0, resolve, reject });
      this.#dispatch();
    });
  }

  /** Gives work to threads as long as there are both; models take turns. */
  #dispatch(): void {
    for (;;) {
      const model = [...this.#models].find(({ line }) => !line.isEmpty);
      const thread = model === undefined ? null : this.#crew.free();
      if (model === undefined || thread === null) return;
      this.#models.delete(model);
      this.#models.add(model);
      const batch = model.line.take(this.#limits.batchRowsMax);
      this.#waitingRows -= batch.rows;
      void this.#run(model, thread, batch);
    }
  }

  async #run(model: PooledModel, thread: ModelThread, batch: RowBatch): Promise<void> {
    const ended = new AbortController();
    void this.#endAfter(thread, ended.signal);
    try {
      const answer = await thread.run(model.number, batch.features, batch.rows);
      this.#runs += 1;
      this.#rows += batch.rows;
      this.#crew.answered();
      handOut(batch, answer);
    } catch (thrown) {
      this.#failed(model, batch, thrown);
    } finally {
      ended.abort();
      this.#dispatch();
    }
  }

  /** Native code cannot be interrupted, only its thread can be ended. */
  async #endAfter(thread: ModelThread, answered: AbortSignal): Promise<void> {
    await this.#clock.sleep(this.#limits.runMsMax, answered);
    if (!answered.aborted) await thread.end();
  }

  /** Scoring changes nothing, so rows whose thread ended are asked again, each caller alone. */
  #failed(model: PooledModel, { parts }: RowBatch, thrown: unknown): void {
    const isLost = workerLost.caused(thrown);
    const again = [];
    for (const part of parts) {
      if (isLost && thrown.facts['begun'] === true) part.losses += 1;
      if (isLost && part.losses < lossesMax) again.push(part);
      else part.reject(thrown);
    }
    model.line.giveBack(again);
    this.#waitingRows += again.reduce((sum, { rows }) => sum + rows, 0);
  }
}

interface PooledModelParts {
  readonly number: number;
  enqueue(part: { features: Float32Array; rows: number }): Promise<Answer>;
  forget(): Promise<void>;
}

class PooledModel implements LoadedModel {
  readonly signature: Signature;
  readonly kind: ModelKind;
  readonly line = new WaitingLine();
  readonly #parts: PooledModelParts;
  readonly #pending = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor({ signature, kind }: Loaded, parts: PooledModelParts) {
    this.signature = signature;
    this.kind = kind;
    this.#parts = parts;
  }

  get number(): number {
    return this.#parts.number;
  }

  async predict(features: Float32Array, rows: number): Promise<Answer> {
    if (this.#closed !== null) throw unloaded('the model was unloaded');
    checkRows(features, rows, this.signature.inputs);
    const answer = this.#parts.enqueue({ features, rows });
    this.#pending.add(answer);
    try {
      return await answer;
    } finally {
      this.#pending.delete(answer);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    await this.#parts.forget();
  }
}
