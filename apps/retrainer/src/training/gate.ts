import type { RetrainPlan } from '@penstock/document';
import type { Parity } from '@penstock/training';
import type { Metrics } from './metrics.ts';

export type Gate = RetrainPlan['gate'];

/** What is known about a model that wants to be promoted. */
export interface Candidacy {
  /** On the newest rows, which it had not seen. */
  readonly challenger: Metrics;
  /** Of the model in service on the same rows; null: there is none, or it takes other inputs. */
  readonly champion: Metrics | null;
  readonly parity: Parity;
}

/** Float32 sums differ in the seventh digit; more than this is another model. */
const differenceMax = 1e-5;
/** A score within that of one half may fall to either side. */
const labelsDifferingMax = 1e-4;

/** What speaks against the promotion; empty: it passes. */
export function objectionsTo(
  { challenger, champion, parity }: Candidacy,
  { metric, atLeast, notWorseThanChampion }: Gate,
): string[] {
  const objections: string[] = [];
  const reached = challenger[metric];
  if (reached === undefined)
    objections.push(`${metric} cannot be told: the ${challenger['rows']} newest rows hold one class only`);
  else if (reached < atLeast) objections.push(`${metric} ${show(reached)}, at least ${atLeast} is asked for`);
  const toBeat = champion?.[metric];
  if (notWorseThanChampion && reached !== undefined && toBeat !== undefined && reached < toBeat)
    objections.push(`${metric} ${show(reached)} on rows on which the model in service reaches ${show(toBeat)}`);
  if (parity.differenceMax > differenceMax || parity.labelsDiffering > labelsDifferingMax * parity.rows)
    objections.push(
      `the exported model differs from the trained one by up to ${parity.differenceMax} in ${parity.labelsDiffering} of ${parity.rows} labels`,
    );
  return objections;
}

function show(value: number): string {
  return value.toFixed(4);
}
