import type { Clock } from '@penstock/kernel';

/**
 * A simulated operating system process. Whatever crosses its border goes through `cross`: a killed process never hears of it
 * again, a frozen one hears of it when it wakes.
 */
export class Process {
  readonly name: string;
  #frozenUntil: Promise<void> | null = null;
  #thaw: (() => void) | null = null;
  #killed = false;

  constructor(name: string) {
    this.name = name;
  }

  get alive(): boolean {
    return !this.#killed;
  }

  kill(): void {
    this.#killed = true;
  }

  freeze(): void {
    if (this.#frozenUntil !== null) return;
    this.#frozenUntil = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#frozenUntil = null;
    this.#thaw?.();
  }

  /** Resolves when the process can run its next instruction. */
  async runs(): Promise<void> {
    while (this.#frozenUntil !== null) await this.#frozenUntil;
    if (this.#killed) await new Promise<never>(() => undefined);
  }

  /** Sends something out and brings the answer back in. */
  async cross<T>(outside: () => Promise<T>): Promise<T> {
    await this.runs();
    try {
      return await outside();
    } finally {
      await this.runs();
    }
  }

  clock(clock: Clock): Clock {
    return { nowMs: () => clock.nowMs(), sleep: (ms, signal) => this.cross(() => clock.sleep(ms, signal)) };
  }
}
