import { Worker } from 'node:worker_threads';
import { Bell, messageOf, Problem } from '@penstock/kernel';
import { workerLost } from './problems.ts';
import type { Answer } from './session.ts';
import type { Loaded, Question, Reply } from './thread-messages.ts';

type Asked = { readonly resolve: (reply: Reply) => void; readonly reject: (thrown: unknown) => void };
type Unnumbered<Asking> = Asking extends Question ? Omit<Asking, 'number'> : never;

/** One worker thread with models in it, seen from outside. */
export class ModelThread {
  /** Models loaded in its life: runtimes give back most of a released session's memory, not all (onnxruntime#25325). */
  loads = 0;
  /** Runs that it was given and has not answered. */
  running = 0;
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  readonly #settled = new Bell();
  #failure = 'without an error';
  #next = 0;
  #isAlive = true;
  #isRetired = false;

  constructor(program: URL) {
    this.#worker = new Worker(program, { name: 'models' });
    this.#worker.on('message', (reply: Reply) => this.#answered(reply));
    // The exit that follows an error is what counts.
    this.#worker.on('error', (thrown: unknown) => {
      this.#failure = messageOf(thrown);
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#isAlive = false;
        this.#rejectAll();
        resolve();
      });
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** It ended, or is about to, because it was told to. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** What is said to those who wait for a thread that ended; `begun` marks the one it was working on. */
  lost(begun = false): Problem {
    return workerLost(`the thread that held the model ended: ${this.#failure}`, { facts: { begun } });
  }

  /** Resolves when the thread listens. */
  async greet(): Promise<void> {
    await this.#ask({ ask: 'hello' });
  }

  async load(model: number, bytes: Uint8Array, inputs: number): Promise<Loaded> {
    this.loads += 1;
    const reply = await this.#ask({ ask: 'load', model, bytes, inputs });
    return (reply as { loaded: Loaded }).loaded;
  }

  /** Takes the features over: they are gone from this thread. */
  async run(model: number, features: Float32Array<ArrayBuffer>, rows: number): Promise<Answer> {
    this.running += 1;
    try {
      const reply = await this.#ask({ ask: 'run', model, features, rows }, [features.buffer]);
      return (reply as { answer: Answer }).answer;
    } finally {
      this.running -= 1;
    }
  }

  async unload(model: number): Promise<void> {
    await this.#ask({ ask: 'unload', model });
  }

  /** Ends when the last run has its answer. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    while (this.#asked.size > 0) await this.#settled.wait();
    await this.end();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  #ask(question: Unnumbered<Question>, transferred: ArrayBuffer[] = []): Promise<Reply> {
    const number = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      if (!this.#isAlive) return reject(this.lost());
      this.#asked.set(number, { resolve, reject });
      this.#worker.postMessage({ ...question, number } satisfies Question, transferred);
    });
  }

  /** Questions are worked on in their order: the oldest is the one under which the thread ended. */
  #rejectAll(): void {
    [...this.#asked.values()].forEach(({ reject }, place) => reject(this.lost(place === 0)));
    this.#asked.clear();
    this.#settled.ring();
  }

  #answered(reply: Reply): void {
    const asked = this.#asked.get(reply.number);
    this.#asked.delete(reply.number);
    this.#settled.ring();
    if ('problem' in reply) {
      const { kind, message, facts } = reply.problem;
      asked?.reject(new Problem(kind, message, { facts }));
    } else asked?.resolve(reply);
  }
}
