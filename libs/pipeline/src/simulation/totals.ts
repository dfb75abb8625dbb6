/** What a set of runs went through. A total of zero means that the runs proved nothing about that fault. */
export interface Totals {
  rows: number;
  crashesInFlight: number;
  redelivered: number;
  revocations: number;
  fencedZombies: number;
  slowCalls: number;
  refusedOutputs: number;
  failedCalls: number;
  ambiguousCommits: number;
  sourceFailures: number;
  ticks: number;
}

export function createTotals(): Totals {
  return {
    rows: 0,
    crashesInFlight: 0,
    redelivered: 0,
    revocations: 0,
    fencedZombies: 0,
    slowCalls: 0,
    refusedOutputs: 0,
    failedCalls: 0,
    ambiguousCommits: 0,
    sourceFailures: 0,
    ticks: 0,
  };
}

export function addTotals(sum: Totals, more: Totals): void {
  for (const name of Object.keys(sum) as (keyof Totals)[]) sum[name] += more[name];
}
