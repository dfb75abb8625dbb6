import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

export interface UntilOptions {
  readonly deadlineMs: number;
  /** What is waited for, as it reads after "waited 5000 ms for". */
  readonly what: string;
}

/**
 * Waits until the condition returns something other than false, null or undefined, and returns that. A condition that
 * throws does not hold yet. Throws at the deadline, with the last thing thrown as the cause.
 */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  { deadlineMs, what }: UntilOptions,
): Promise<Exclude<Value, false | null | undefined>> {
  const deadline = performance.now() + deadlineMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value as Exclude<Value, false | null | undefined>;
      cause = undefined;
    } catch (thrown) {
      cause = thrown;
    }
    await delay(pollMs);
  } while (performance.now() < deadline);
  throw new Error(`waited ${deadlineMs} ms for ${what}`, { cause });
}
