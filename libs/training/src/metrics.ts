import { badDataset } from './problems.ts';

/** Counts of a binary classification; class 1 is the positive one. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface Evaluation {
  readonly rows: number;
  readonly confusion: Confusion;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  /** Null where only one class occurs: there is no order to judge. */
  readonly auc: number | null;
  readonly logLoss: number;
}

export interface RegressionEvaluation {
  readonly rows: number;
  readonly rmse: number;
  readonly mae: number;
  /** Null where all labels are the same. */
  readonly r2: number | null;
}

/** Judges the probabilities of class 1, cut at one half. */
export function evaluate(labels: ArrayLike<number>, scores: ArrayLike<number>): Evaluation {
  checkSame(labels, scores);
  const confusion = confusionOf(
    labels,
    Float64Array.from(scores, (score) => (score > 0.5 ? 1 : 0)),
  );
  return {
    rows: labels.length,
    confusion,
    accuracy: accuracyOf(confusion),
    balancedAccuracy: balancedAccuracyOf(confusion),
    auc: aucOf(labels, scores),
    logLoss: logLossOf(labels, scores),
  };
}

export function evaluateRegression(labels: ArrayLike<number>, values: ArrayLike<number>): RegressionEvaluation {
  checkSame(labels, values);
  const rows = labels.length;
  const errors = Float64Array.from(labels, (label, row) => (values[row] as number) - label);
  const mean = Float64Array.from(labels).reduce((sum, label) => sum + label, 0) / rows;
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const spread = Float64Array.from(labels).reduce((sum, label) => sum + (label - mean) ** 2, 0);
  return {
    rows,
    rmse: Math.sqrt(squares / rows),
    mae: errors.reduce((sum, error) => sum + Math.abs(error), 0) / rows,
    r2: spread === 0 ? null : 1 - squares / spread,
  };
}

export function confusionOf(labels: ArrayLike<number>, predicted: ArrayLike<number>): Confusion {
  checkSame(labels, predicted);
  const counts = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const cell = (labels[row] as number) * 2 + (predicted[row] as number);
    counts[cell] = (counts[cell] as number) + 1;
  }
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts as [number, number, number, number];
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

export function accuracyOf({ truePositives, falsePositives, trueNegatives, falseNegatives }: Confusion): number {
  return (truePositives + trueNegatives) / (truePositives + falsePositives + trueNegatives + falseNegatives);
}

/** The mean of the recalls of the classes that occur. */
export function balancedAccuracyOf({ truePositives, falsePositives, trueNegatives, falseNegatives }: Confusion): number {
  const recalls = [truePositives / (truePositives + falseNegatives), trueNegatives / (trueNegatives + falsePositives)];
  const occurring = recalls.filter((recall) => !Number.isNaN(recall));
  return occurring.reduce((sum, recall) => sum + recall, 0) / occurring.length;
}

/** The chance that a row of class 1 scores higher than one of class 0; ties count half (Mann and Whitney, 1947). */
export function aucOf(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  checkSame(labels, scores);
  const order = Array.from(scores, (score, row) => ({ score, label: labels[row] as number }));
  order.sort((left, right) => left.score - right.score);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let tiedPositives = 0;
    for (; to < order.length && order[to]?.score === order[from]?.score; to += 1) tiedPositives += order[to]?.label ?? 0;
    rankSum += (tiedPositives * (from + to + 1)) / 2;
    positives += tiedPositives;
    from = to;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

const probabilityMin = 1e-7;

/** The mean of −log of what the right class was given; certainty is cut so that one wrong row does not make it infinite. */
export function logLossOf(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkSame(labels, scores);
  let total = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const right = labels[row] === 1 ? (scores[row] as number) : 1 - (scores[row] as number);
    total -= Math.log(Math.min(1 - probabilityMin, Math.max(probabilityMin, right)));
  }
  return total / labels.length;
}

function checkSame(labels: ArrayLike<number>, others: ArrayLike<number>): void {
  if (labels.length !== others.length || labels.length === 0)
    throw badDataset(`${labels.length} labels and ${others.length} predictions cannot be compared`);
}
