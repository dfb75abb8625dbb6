import {
  crossScore,
  dayNumbers,
  evaluate,
  type Forest,
  measureBaselines,
  measureParity,
  oneClass,
  type Parity,
  predictTrees,
  sliceRows,
  splitDays,
  type TrainingRun,
  type TrainingSet,
  toMatrix,
  toOnnx,
  trainTrees,
} from '@penstock/training';
import type { Dataset } from '../data/dataset.ts';
import { calibrateDays, type DayReference, inheritReference } from '../drift/reference.ts';
import type { Gate } from './gate.ts';
import { holdoutFrom } from './holdout.ts';
import { baselineMetrics, type Metrics, metricsOf } from './metrics.ts';
import { type Recipe, recipesFor, weightsOf } from './recipes.ts';

export interface ChallengerOptions extends TrainingRun {
  /** By which the recipe is chosen. */
  readonly metric: Gate['metric'];
  /** Since when the world is another one, where a drift set the training off. */
  readonly sinceMs: number | null;
  /** What ordinary days looked like to the model in service. */
  readonly championReference: DayReference | null;
  /** Told what is being trained. */
  readonly tell?: (what: string) => void;
}

/** A trained model with what speaks for it. */
export interface Challenger {
  readonly recipe: Recipe;
  /** The rows from here on judged; they are the newest. */
  readonly cut: number;
  /** ONNX: trained without the rows that judge. What is promoted is the same recipe with all rows. */
  readonly judged: Uint8Array;
  readonly model: Uint8Array;
  readonly parity: Parity;
  readonly candidates: readonly { readonly recipe: Recipe; readonly metrics: Metrics }[];
  readonly baselines: Metrics;
  readonly reference: DayReference | null;
}

/**
 * Trains a candidate by each recipe on the older rows, lets the newest rows choose, and trains the best recipe anew on all rows.
 * The same dataset and options give the same bytes.
 */
export async function trainChallenger(dataset: Dataset, options: ChallengerOptions): Promise<Challenger> {
  const cut = holdoutFrom(dataset, options.sinceMs);
  const older = sliceRows(dataset, 0, cut);
  const newest = sliceRows(dataset, cut, dataset.rows);
  const olderTimesMs = dataset.timesMs.subarray(0, cut);
  const tried: Tried[] = [];
  for (const recipe of recipesFor({ labels: older.labels, timesMs: olderTimesMs }, options.sinceMs)) {
    options.tell?.(`candidate ${recipe}`);
    const weights = weightsOf(recipe, olderTimesMs, options.sinceMs);
    const forest = await trainTrees({ ...older, weights }, options);
    const { scores } = predictTrees(forest, toMatrix(newest.columns));
    tried.push({ recipe, forest, metrics: metricsOf(evaluate(newest.labels, scores)) });
  }
  const { recipe, forest } = bestOf(tried, options.metric);
  options.tell?.(`${recipe} on all rows`);
  const whole = {
    columns: dataset.columns,
    labels: dataset.labels,
    weights: weightsOf(recipe, dataset.timesMs, options.sinceMs),
  };
  const final = await trainTrees(whole, options);
  const model = toOnnx(final, dataset.inputs);
  options.tell?.('ordinary days');
  return {
    recipe,
    cut,
    judged: toOnnx(forest, dataset.inputs),
    model,
    parity: await measureParity(final, model, dataset.columns),
    candidates: tried.map((one) => ({ recipe: one.recipe, metrics: one.metrics })),
    baselines: baselineMetrics(measureBaselines(older, newest)),
    reference: await referenceFor(dataset, whole, options),
  };
}

/** Fewer days say nothing about what is ordinary. */
const daysMin = 3;

interface Tried {
  readonly recipe: Recipe;
  readonly forest: Forest;
  readonly metrics: Metrics;
}

/** Metrics that differ by less do not tell recipes apart on some hundreds of rows. */
const metricTie = 0.02;

/** By the metric of the gate, and among those about as good by the loss; the first of equals. */
function bestOf(tried: readonly Tried[], metric: Gate['metric']): Tried {
  const reached = ({ metrics }: Tried): number => metrics[metric] ?? 0;
  const most = Math.max(...tried.map(reached));
  const loss = ({ metrics }: Tried): number => metrics['logLoss'] ?? 0;
  return tried
    .filter((one) => reached(one) > most - metricTie)
    .reduce((left, right) => (loss(right) < loss(left) ? right : left));
}

/**
 * What ordinary days look like to the new model: from its training days, each scored by forests that have not seen it. After a
 * drift only days since then count, and while they are too few the limits of the model before go on.
 */
async function referenceFor(dataset: Dataset, whole: TrainingSet, options: ChallengerOptions): Promise<DayReference | null> {
  const { sinceMs, championReference } = options;
  const from = sinceMs === null ? 0 : dataset.timesMs.findIndex((timeMs) => timeMs >= sinceMs);
  const rows = { ...sliceRows(whole, from, dataset.rows), timesMs: dataset.timesMs.subarray(from) };
  const own = await calibrate(rows, dataset.inputs, options);
  if (own !== null || championReference === null || sinceMs === null) return own;
  return inheritReference(championReference);
}

async function calibrate(
  rows: TrainingSet & { readonly timesMs: Float64Array },
  inputs: readonly string[],
  run: TrainingRun,
): Promise<DayReference | null> {
  if (new Set(dayNumbers(rows.timesMs)).size < daysMin) return null;
  try {
    const scores = await crossScore(rows, run);
    return calibrateDays(splitDays({ ...rows, scores }), inputs);
  } catch (thrown) {
    if (oneClass.caused(thrown)) return null; // without one of the folds nobody was there at all
    throw thrown;
  }
}
