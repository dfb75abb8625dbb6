import type { Observation } from './observation.ts';

const dayMs = 86_400_000;

/** When what happens in the demo, in event time. Days are counted from the midnight before the first observation. */
export interface Calendar {
  /** The first model is trained from everything before. */
  readonly trainUntilMs: number;
  /** How good it is at first is judged from `trainUntilMs` to here. */
  readonly beforeUntilMs: number;
  /** Temperature sensors begin to send one more field. */
  readonly batteryFromMs: number;
  /** The light sensors begin to show something else. */
  readonly shiftFromMs: number;
}

export function calendarOf(observations: readonly Observation[]): Calendar {
  const firstMs = observations[0]?.atMs ?? 0;
  const midnightMs = Math.floor(firstMs / dayMs) * dayMs;
  return {
    trainUntilMs: midnightMs + 9 * dayMs,
    batteryFromMs: midnightMs + 10.5 * dayMs,
    beforeUntilMs: midnightMs + 12 * dayMs,
    shiftFromMs: midnightMs + 14 * dayMs,
  };
}
