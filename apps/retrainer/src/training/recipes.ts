import { recencyWeights } from '@penstock/training';
import { hasBothClasses } from './holdout.ts';

/** How much each row counts: all the same, newer ones more, or only those since the drift began. */
export const recipes = ['all', 'recent', 'since'] as const;
export type Recipe = (typeof recipes)[number];

/** Without a drift, what is so old counts half. */
const halfLifeMs = 7 * 86_400_000;

interface Rows {
  readonly labels: Float64Array;
  readonly timesMs: Float64Array;
}

/** The recipes that these rows allow. */
export function recipesFor(rows: Rows, sinceMs: number | null): Recipe[] {
  if (sinceMs === null) return ['all', 'recent'];
  const since = rows.timesMs.findIndex((timeMs) => timeMs >= sinceMs);
  if (since < 0) return ['all'];
  return hasBothClasses(rows.labels.subarray(since)) ? [...recipes] : ['all', 'recent'];
}

export function weightsOf(recipe: Recipe, timesMs: Float64Array, sinceMs: number | null): Float64Array {
  if (recipe === 'all') return new Float64Array(timesMs.length).fill(1);
  if (recipe === 'since') return timesMs.map((timeMs) => (timeMs >= (sinceMs ?? 0) ? 1 : 0));
  if (sinceMs === null) return recencyWeights(timesMs, halfLifeMs);
  // The rows since the drift count as much as all those before it.
  const since = timesMs.filter((timeMs) => timeMs >= sinceMs).length;
  const weight = since === 0 ? 1 : Math.max(1, (timesMs.length - since) / since);
  return timesMs.map((timeMs) => (timeMs >= sinceMs ? weight : 1));
}
