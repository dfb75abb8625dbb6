/** How much faster than life the devices' clock runs, from when on. */
export interface Pace {
  readonly fromMs: number;
  /** Minutes of the devices' clock in one second. */
  readonly minutesPerSecond: number;
}

/** Gaps in a recording are not waited for longer than this on the devices' clock. */
const gapMaxMs = 600_000;

/** How many milliseconds to wait between two moments of the devices' clock. */
export function waitBetween(fromMs: number, toMs: number, paces: readonly Pace[]): number {
  if (toMs <= fromMs) return 0;
  const pace = paces.findLast((candidate) => candidate.fromMs <= toMs) ?? paces[0];
  if (pace === undefined) return 0;
  return Math.min(toMs - fromMs, gapMaxMs) / (pace.minutesPerSecond * 60);
}
