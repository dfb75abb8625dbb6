import type { TrainingSet } from './dataset.ts';
import { accuracyOf, balancedAccuracyOf, type Confusion, confusionOf } from './metrics.ts';

/** A rule that looks at one input only: class 1 above the threshold, or below it. Missing values are class 0. */
export interface ThresholdRule {
  readonly input: number;
  readonly threshold: number;
  readonly above: boolean;
}

export interface BaselineReading {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly confusion: Confusion;
}

export interface Baselines {
  /** Always the class that training saw more often. */
  readonly majority: BaselineReading;
  readonly threshold: BaselineReading & { readonly rule: ThresholdRule };
}

/** What costs no model at all: learnt from the same rows, judged on the same rows. A model that is no better is not worth its keep. */
export function measureBaselines(training: TrainingSet, test: TrainingSet): Baselines {
  const positives = training.labels.reduce((sum, label) => sum + label, 0);
  const usual = positives * 2 > training.labels.length ? 1 : 0;
  const rule = bestThreshold(training);
  return {
    majority: read(
      test.labels,
      test.labels.map(() => usual),
    ),
    threshold: { ...read(test.labels, applyRule(rule, test)), rule },
  };
}

function read(labels: Float64Array, predicted: Float64Array): BaselineReading {
  const confusion = confusionOf(labels, predicted);
  return { accuracy: accuracyOf(confusion), balancedAccuracy: balancedAccuracyOf(confusion), confusion };
}

export function applyRule({ input, threshold, above }: ThresholdRule, { columns }: Pick<TrainingSet, 'columns'>): Float64Array {
  return Float64Array.from(columns[input] as ArrayLike<number>, (value) =>
    (above ? value > threshold : value <= threshold) ? 1 : 0,
  );
}

/** The rule with the best balanced accuracy on these rows; the first input and the lowest threshold win a tie. */
export function bestThreshold({ columns, labels }: TrainingSet): ThresholdRule {
  let best = { input: 0, threshold: Number.NEGATIVE_INFINITY, above: true, recalls: 1 };
  columns.forEach((column, input) => {
    for (const { threshold, recalls } of sweep(column, labels)) {
      if (recalls > best.recalls) best = { input, threshold, above: true, recalls };
      if (2 - recalls > best.recalls) best = { input, threshold, above: false, recalls: 2 - recalls };
    }
  });
  const { input, threshold, above } = best;
  return { input, threshold, above };
}

/** Both recalls together of "class 1 above", for each threshold between two values that occur. */
function* sweep(column: ArrayLike<number>, labels: Float64Array): Iterable<{ threshold: number; recalls: number }> {
  const present = Array.from(column, (value, row) => ({ value, label: labels[row] as number })).filter(
    ({ value }) => !Number.isNaN(value),
  );
  present.sort((left, right) => left.value - right.value);
  const positives = present.reduce((sum, { label }) => sum + label, 0);
  const negatives = present.length - positives;
  if (positives === 0 || negatives === 0) return;
  let positivesBelow = 0;
  for (let index = 0; index + 1 < present.length; index += 1) {
    const { value, label } = present[index] as { value: number; label: number };
    const next = (present[index + 1] as { value: number }).value;
    positivesBelow += label;
    const recalls = (positives - positivesBelow) / positives + (index + 1 - positivesBelow) / negatives;
    if (next > value) yield { threshold: value / 2 + next / 2, recalls };
  }
}
