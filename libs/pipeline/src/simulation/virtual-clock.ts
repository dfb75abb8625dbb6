import type { Clock } from '@penstock/kernel';

interface Timer {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that stands still while anything can run and jumps to the next timer when nothing can. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#insert({ dueMs: this.#nowMs + Math.max(0, ms), wake });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Runs until `done` says so; false when the deadline passed or nothing was left to wait for. */
  async run(done: () => boolean, deadlineMs: number): Promise<boolean> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve)); // all that can run without time passing
      if (done()) return true;
      const next = this.#timers.shift();
      if (next === undefined || next.dueMs > deadlineMs) return false;
      this.#nowMs = next.dueMs;
      next.wake();
      while (this.#timers[0]?.dueMs === this.#nowMs) (this.#timers.shift() as Timer).wake();
    }
  }

  /** Kept in order of time, first come first served among equals, so that a run depends on its seed alone. */
  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle] as Timer).dueMs <= timer.dueMs) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }
}
