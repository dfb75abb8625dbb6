import type { Clock, Problem } from '@penstock/kernel';
import { ModelThread } from './model-thread.ts';
import { refused, unloaded, workerLost } from './problems.ts';
import type { Loaded } from './thread-messages.ts';

export interface CrewSettings {
  readonly threads: number;
  readonly program: URL;
  readonly clock: Clock;
  /** Loads after which a thread is replaced. */
  readonly loadsMax: number;
  /** Told whenever a thread may have become free. */
  readonly changed: () => void;
}

interface Held {
  readonly bytes: Uint8Array;
  readonly inputs: number;
}

/** One run in work and one on its way keep a thread busy; more would only wait where nobody else can take them. */
const runsPerThread = 2;
const waitMs = { min: 50, max: 5000 } as const;
const lossesTold = 3;

/** Threads that all hold all models. Whichever ends is replaced, and the new one has every model before it is asked. */
export class Crew {
  readonly #settings: CrewSettings;
  readonly #models = new Map<number, Held>();
  readonly #ready = new Set<ModelThread>();
  readonly #all = new Set<ModelThread>();
  readonly #closing = new AbortController();
  #news = Promise.withResolvers<void>();
  #lastLoss: Problem | null = null;
  #nextModel = 0;
  #losses = 0;
  #lossesInRow = 0;

  constructor(settings: CrewSettings) {
    this.#settings = settings;
    for (let thread = 0; thread < settings.threads; thread += 1) void this.#start();
  }

  /** Threads that ended without being told to. */
  get losses(): number {
    return this.#losses;
  }

  /** The ready thread with the least to do; null while all have enough. */
  free(): ModelThread | null {
    let least: ModelThread | null = null;
    for (const thread of this.#ready) {
      if (thread.running < Math.min(runsPerThread, least?.running ?? runsPerThread)) least = thread;
    }
    return least;
  }

  /** Loads a model into every thread. Nothing of it stays when one of them refuses it. */
  async load(bytes: Uint8Array, inputs: number): Promise<{ model: number; loaded: Loaded }> {
    await this.#someReady();
    const model = this.#nextModel;
    this.#nextModel += 1;
    const loading = [...this.#ready].map((thread) => thread.load(model, bytes, inputs));
    this.#models.set(model, { bytes, inputs });
    const results = await Promise.allSettled(loading);
    const failed = results.find(({ status }) => status === 'rejected');
    const [first] = results;
    if (failed === undefined && first?.status === 'fulfilled') {
      this.#recycle();
      return { model, loaded: first.value };
    }
    await this.unload(model);
    const reason: unknown = failed?.status === 'rejected' ? failed.reason : undefined;
    throw workerLost.caused(reason) ? refused('a thread ended while it loaded the model', { cause: reason }) : reason;
  }

  async unload(model: number): Promise<void> {
    this.#models.delete(model);
    await Promise.allSettled([...this.#ready].map((thread) => thread.unload(model)));
  }

  /** Some run came back: threads do not end one after the other. */
  answered(): void {
    this.#lossesInRow = 0;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#tell();
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  async #start(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const thread = new ModelThread(this.#settings.program);
    this.#all.add(thread);
    void thread.ended.then(() => this.#gone(thread));
    try {
      await thread.greet();
      await this.#fill(thread);
    } catch (thrown) {
      if (!workerLost.caused(thrown)) throw thrown;
    }
    if (!thread.isAlive) return;
    this.#ready.add(thread);
    this.#tell();
    this.#settings.changed();
  }

  /** Until nothing is missing: models may come while others are loaded. */
  async #fill(thread: ModelThread): Promise<void> {
    const tried = new Set<number>();
    for (;;) {
      const missing = [...this.#models].filter(([model]) => !tried.has(model));
      if (missing.length === 0 || !thread.isAlive) return;
      for (const [model, { bytes, inputs }] of missing) {
        tried.add(model);
        // What this thread refuses, those that were asked first have refused as well.
        await thread.load(model, bytes, inputs).catch(() => undefined);
      }
    }
  }

  async #gone(thread: ModelThread): Promise<void> {
    this.#all.delete(thread);
    this.#ready.delete(thread);
    if (thread.isRetired || this.#closing.signal.aborted) return;
    this.#losses += 1;
    this.#lossesInRow += 1;
    this.#lastLoss = thread.lost();
    this.#tell();
    if (this.#lossesInRow > 1) {
      await this.#settings.clock.sleep(Math.min(waitMs.max, waitMs.min * 2 ** this.#lossesInRow), this.#closing.signal);
    }
    await this.#start();
  }

  /** Whoever wants to load waits for a thread, but not while one after the other ends: then they are told why. */
  async #someReady(): Promise<void> {
    while (this.#ready.size === 0) {
      if (this.#closing.signal.aborted) throw unloaded('the pool of models is closed');
      if (this.#lastLoss !== null && this.#lossesInRow >= lossesTold) throw this.#lastLoss;
      await this.#news.promise;
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Replaces one thread that has loaded much in its life: the new one is ready before the old one goes. */
  #recycle(): void {
    const old = [...this.#ready].find(({ loads }) => loads > this.#settings.loadsMax + this.#models.size);
    if (old === undefined) return;
    void this.#start().then(() => {
      this.#ready.delete(old);
      return old.retire();
    });
  }
}
