import type { RetrainPlan } from '@penstock/document';
import type { Parity } from '@penstock/training';
import type { Metrics } from './metrics.ts';

export type Gate = RetrainPlan['gate'];

/** Two models on rows that neither was trained on. */
export interface Comparison {
  readonly challenger: Metrics;
  readonly champion: Metrics;
  /** False: there are too few such rows, and each is judged by those that were kept from its own training. */
  readonly onSameRows: boolean;
}

/** What is known about a model that wants to be promoted. */
export interface Candidacy {
  /** On the newest rows, which it had not seen. */
  readonly challenger: Metrics;
  /** With the model in service; null: there is none, or it takes other inputs. */
  readonly comparison: Comparison | null;
  readonly parity: Parity;
}

/** Float32 sums differ in the seventh digit; more than this is another model. */
const differenceMax = 1e-5;
/** A score within that of one half may fall to either side. */
const labelsDifferingMax = 1e-4;

/** What speaks against the promotion; empty: it passes. */
export function objectionsTo({ challenger, comparison, parity }: Candidacy, gate: Gate): string[] {
  const { metric, atLeast, notWorseThanChampion } = gate;
  const objections: string[] = [];
  const reached = challenger[metric];
  if (reached === undefined)
    objections.push(`${metric} cannot be told: the ${challenger['rows']} newest rows hold one class only`);
  else if (reached < atLeast) objections.push(`${metric} ${show(reached)}, at least ${atLeast} is asked for`);
  const worse = notWorseThanChampion && comparison !== null ? worseIn(comparison, metric) : null;
  if (worse !== null) objections.push(worse);
  if (parity.differenceMax > differenceMax || parity.labelsDiffering > labelsDifferingMax * parity.rows)
    objections.push(
      `the exported model differs from the trained one by up to ${parity.differenceMax} in ${parity.labelsDiffering} of ${parity.rows} labels`,
    );
  return objections;
}

function worseIn({ challenger, champion, onSameRows }: Comparison, metric: Gate['metric']): string | null {
  const reached = challenger[metric];
  const toBeat = champion[metric];
  if (reached === undefined || toBeat === undefined || reached >= toBeat) return null;
  const where = onSameRows ? `on ${champion['rows']} rows that it has not seen either` : 'when it was trained';
  return `${metric} ${show(reached)}, and the model in service reached ${show(toBeat)} ${where}`;
}

function show(value: number): string {
  return value.toFixed(4);
}
