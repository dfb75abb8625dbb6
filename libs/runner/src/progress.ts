import type { StagePlan } from '@penstock/document';
import type { StageReading } from './stage-status.ts';

/** A stage that has something to do and settles nothing for this long serves nobody (invariant 10). */
const stallMs = 15_000;

/** The name under which a stage's health is asked over gRPC. */
export function healthNameOf({ pipeline, name }: Pick<StagePlan, 'pipeline' | 'name'>): string {
  return `stage/${pipeline}/${name}`;
}

/** Serving means progressing: idle is fine, standing still in front of work is not. */
export function isProgressing(reading: StageReading, nowMs: number): boolean {
  if (reading.state === 'stopped') return false;
  const behind =
    [...reading.lag.values()].some((records) => records > 0) || reading.ledger.inFlight > 0 || reading.state === 'waiting';
  return !behind || nowMs - (reading.lastProgressAtMs ?? Number.NEGATIVE_INFINITY) < stallMs;
}
