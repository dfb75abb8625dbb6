import { badDataset, oneClass } from './problems.ts';

/** Rows to train from, in the order of their event time. NaN in a column is a missing value. */
export interface TrainingSet {
  /** One column for each input; values count as float32, which is what a served model sees. */
  readonly columns: readonly (Float64Array | Float32Array)[];
  /** 0 or 1 for a classification, any finite number for a regression. */
  readonly labels: Float64Array;
  /** How much each row counts, 1 where absent; 0 leaves a row out. */
  readonly weights?: Float64Array;
}

export type Objective = 'binary' | 'regression';

/** Throws unless a model can be trained from the set. */
export function checkDataset({ columns, labels, weights }: TrainingSet, objective: Objective): void {
  if (columns.length === 0) throw badDataset('a dataset needs at least one column');
  if (labels.length === 0) throw badDataset('a dataset needs at least one row');
  columns.forEach((column, input) => checkColumn(column, input, labels.length));
  if (weights !== undefined && weights.length !== labels.length)
    throw badDataset(`${weights.length} weights for ${labels.length} labels`);
  if (weights?.some((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY)))
    throw badDataset('weights must be finite and not negative');
  if (weights?.every((weight) => weight === 0)) throw badDataset('every row has the weight 0');
  if (objective === 'binary') checkClasses(labels);
  else if (!labels.every(Number.isFinite)) throw badDataset('labels of a regression must be finite numbers');
}

function checkColumn(column: Float64Array | Float32Array, input: number, rows: number): void {
  if (column.length !== rows) throw badDataset(`column ${input} has ${column.length} rows, the labels have ${rows}`);
  const row = column.findIndex((value) => Math.abs(Math.fround(value)) === Number.POSITIVE_INFINITY);
  if (row >= 0) throw badDataset(`column ${input}, row ${row}: ${column[row]} does not fit a float32`, { facts: { input, row } });
}

function checkClasses(labels: Float64Array): void {
  const row = labels.findIndex((label) => label !== 0 && label !== 1);
  if (row >= 0) throw badDataset(`row ${row}: expected the label 0 or 1, got ${labels[row]}`, { facts: { row } });
  if (labels.every((label) => label === labels[0])) throw oneClass(`all ${labels.length} labels are ${labels[0]}`);
}

/** The rows `[from, to)` of a set, sharing its memory. */
export function sliceRows({ columns, labels, weights }: TrainingSet, from: number, to: number): TrainingSet {
  return {
    columns: columns.map((column) => column.subarray(from, to)),
    labels: labels.subarray(from, to),
    ...(weights === undefined ? {} : { weights: weights.subarray(from, to) }),
  };
}

/** Weights that halve with each half-life before the newest row: after a change the new days win, and the old ones still teach. */
export function recencyWeights(timesMs: ArrayLike<number>, halfLifeMs: number): Float64Array {
  const times = Float64Array.from(timesMs);
  const newest = times.reduce((latest, timeMs) => Math.max(latest, timeMs), Number.NEGATIVE_INFINITY);
  return times.map((timeMs) => 0.5 ** ((newest - timeMs) / halfLifeMs));
}

/** Row by row in float32, as models take it. */
export function toMatrix(columns: TrainingSet['columns']): Float32Array {
  const rows = columns[0]?.length ?? 0;
  const matrix = new Float32Array(rows * columns.length);
  columns.forEach((column, input) => {
    for (let row = 0; row < rows; row += 1) matrix[row * columns.length + input] = column[row] as number;
  });
  return matrix;
}
