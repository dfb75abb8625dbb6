import { type TrainingSet, toMatrix } from './dataset.ts';
import type { Day } from './drift.ts';
import { predictTrees } from './forest.ts';
import { type TrainingRun, trainTrees } from './train.ts';

const dayMs = 86_400_000;

/** The UTC day of each row, numbered from the epoch. */
export function dayNumbers(timesMs: ArrayLike<number>): Int32Array {
  return Int32Array.from(timesMs, (timeMs) => Math.floor(timeMs / dayMs));
}

export function nameOfDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** Rows with their scores; the label is NaN while it is not known. */
export interface ScoredRows {
  readonly timesMs: ArrayLike<number>;
  readonly columns: TrainingSet['columns'];
  readonly scores: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** Parts scored rows into days, in their order. */
export function splitDays({ timesMs, columns, scores, labels }: ScoredRows): Day[] {
  const byDay = Map.groupBy(dayNumbers(timesMs).entries(), ([, day]) => day);
  const days = [...byDay].sort(([left], [right]) => left - right);
  return days.map(([day, entries]) => {
    const rows = entries.map(([row]) => row);
    const labelled = rows.filter((row) => !Number.isNaN(labels[row]));
    return {
      day: nameOfDay(day),
      inputs: columns.map((column) => Float64Array.from(rows, (row) => column[row] as number)),
      scores: Float64Array.from(rows, (row) => scores[row] as number),
      errors: Float64Array.from(labelled, (row) => (((scores[row] as number) > 0.5 ? 1 : 0) === labels[row] ? 0 : 1)),
    };
  });
}

/**
 * The score of each row by a forest that was trained without any row of its fold; whole days make up a fold, since the minutes
 * of one day know too much of each other. Trains `folds` forests.
 */
export async function crossScore(
  dataset: TrainingSet & { readonly timesMs: ArrayLike<number> },
  run: TrainingRun,
  folds = 5,
): Promise<Float64Array> {
  const days = dayNumbers(dataset.timesMs);
  const order = [...new Set(days)].sort((left, right) => left - right);
  const foldOf = new Map(order.map((day, index) => [day, index % folds]));
  const scores = new Float64Array(days.length);
  for (let fold = 0; fold < Math.min(folds, order.length); fold += 1) {
    const isHeld = (row: number): boolean => foldOf.get(days[row] as number) === fold;
    const forest = await trainTrees(
      pick(dataset, (row) => !isHeld(row)),
      run,
    );
    const held = Int32Array.from(days.keys()).filter(isHeld);
    const answer = predictTrees(forest, toMatrix(dataset.columns.map((column) => column.filter((_, row) => isHeld(row)))));
    held.forEach((row, index) => {
      scores[row] = answer.scores[index] as number;
    });
  }
  return scores;
}

function pick({ columns, labels, weights }: TrainingSet, wanted: (row: number) => boolean): TrainingSet {
  const keep = <Column extends Float64Array | Float32Array>(column: Column): Column =>
    column.filter((_, row) => wanted(row)) as Column;
  return {
    columns: columns.map(keep),
    labels: keep(labels),
    ...(weights === undefined ? {} : { weights: keep(weights) }),
  };
}
