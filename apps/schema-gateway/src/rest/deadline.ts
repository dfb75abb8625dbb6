import { storeTimeout } from '../problems.ts';

/** The time for a change, which begins when somebody asks for its signal: most that is asked to change is there already. */
export class Deadline implements Disposable {
  readonly #afterMs: number;
  #controller: AbortController | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** Aborts with `gateway.store-timeout`. */
  get signal(): AbortSignal {
    if (this.#controller !== null) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    this.#timer = setTimeout(() => controller.abort(storeTimeout('Register operation timed out')), this.#afterMs);
    return controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
