import type { Baselines, Evaluation } from '@penstock/training';

/** Numbers by name, as records carry them. */
export type Metrics = Readonly<Record<string, number>>;

/** `auc` is absent where only one class occurs. */
export function metricsOf({ rows, accuracy, balancedAccuracy, auc, logLoss, confusion }: Evaluation): Metrics {
  return { rows, accuracy, balancedAccuracy, ...(auc === null ? {} : { auc }), logLoss, ...confusion };
}

export function baselineMetrics({ majority, threshold }: Baselines): Metrics {
  return {
    'majority.accuracy': majority.accuracy,
    'majority.balancedAccuracy': majority.balancedAccuracy,
    'threshold.accuracy': threshold.accuracy,
    'threshold.balancedAccuracy': threshold.balancedAccuracy,
    'threshold.input': threshold.rule.input,
    // Infinite where no input tells anything.
    ...(Number.isFinite(threshold.rule.threshold) ? { 'threshold.value': threshold.rule.threshold } : {}),
    'threshold.above': threshold.rule.above ? 1 : 0,
  };
}
