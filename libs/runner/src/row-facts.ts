import { randomUUID } from 'node:crypto';
import type { StagePlan } from '@penstock/document';
import type { Clock, Problem, Rows } from '@penstock/kernel';
import { type Intake, type RowFacts, stampedId, stampedTimeMs } from '@penstock/pipeline';
import { aheadOfTime, noEventTime, noIdentity, noKey, notSet } from './problems.ts';
import type { PayloadEnd } from './stage-ends.ts';

const text = new TextDecoder();

/** How the rows of a planned stage are known: by the document's expressions where it has some, else by what came with the record. */
export function createRowFacts(plan: StagePlan, clock: Clock): RowFacts {
  const { identity, key, timeSlot, aheadMsMax } = plan.facts;
  const came = plan.from.kind === 'kafka';
  return {
    timeMs(batch, rows, row) {
      const timeMs =
        timeSlot === null ? (stampedTimeMs(batch.headers(row)) ?? batch.arrivedAtMs(row)) : rows.numbers(timeSlot)[row];
      if (timeMs === undefined || Number.isNaN(timeMs)) throw noEventTime(`${plan.name}: the record says no event time`);
      if (!came && timeMs > clock.nowMs() + aheadMsMax) throw tooFarAhead(plan, timeMs, clock.nowMs());
      return timeMs;
    },
    key(batch, rows, row) {
      if (key === null) return text.decode(batch.key(row) ?? new Uint8Array(0));
      const value = key(rows, row);
      if (typeof value === 'string') return value;
      throw noKey(`${plan.name}: a part of the key is missing`);
    },
    id(batch, rows, row) {
      if (came) return stampedId(batch.headers(row)) ?? `${batch.lane}/${batch.position(row)}`;
      if (identity === null) return randomUUID();
      const value = identity(rows, row);
      if (typeof value === 'string') return value;
      throw noIdentity(`${plan.name}: a part of the identity is missing`);
    },
  };
}

function tooFarAhead({ name, facts }: StagePlan, timeMs: number, nowMs: number): Problem {
  const message = `${name}: the event time ${new Date(timeMs).toISOString()} lies more than ${facts.aheadMsMax} ms ahead`;
  return aheadOfTime(message, { facts: { aheadMs: timeMs - nowMs, aheadMsMax: facts.aheadMsMax } });
}

/** What the source and the document's `set` know of a row beside its payload; undefined where that is nothing. */
export function createIntake(plan: StagePlan, end: PayloadEnd): Intake | undefined {
  const { levelsSlot, set } = plan;
  if (set.length === 0 && end.refusal === undefined) return undefined;
  return {
    refusal: (batch, row) => end.refusal?.(batch, row) ?? null,
    fill(batch, rows, row) {
      if (levelsSlot !== null) rows.values(levelsSlot)[row] = end.levels?.(batch, row) ?? [];
      for (const column of set) fill(rows, row, { ...column, field: plan.slots[column.slot] });
    },
  };
}

function fill(
  rows: Rows,
  row: number,
  { slot, field, evaluate }: StagePlan['set'][number] & { readonly field: StagePlan['slots'][number] | undefined },
): void {
  const value = evaluate(rows, row);
  if (value === undefined || (value === null && field?.nullable === false))
    throw notSet(`${field?.name}: its expression has no value`);
  if (typeof value === 'number') rows.numbers(slot)[row] = value;
  else rows.values(slot)[row] = value;
}
