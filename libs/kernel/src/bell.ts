/**
 * Wakes one loop that waits for any of several things. Unlike `Promise.race` over long-lived promises it leaves nothing
 * behind: the loop looks at its state, waits for a ring, and looks again.
 */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
    this.#wake = null;
  }

  /** Resolves at the next ring, or at once when it rang since the last wait. */
  async wait(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rung = false;
  }
}
