import type { Objective } from './dataset.ts';
import { sigmoid } from './forest.ts';

/** What training makes small, with the derivatives it needs. */
export interface Loss {
  /** The constant margin that fits all rows best. */
  baseValue(mean: number): number;
  gradient(margin: number, label: number): number;
  hessian(margin: number): number;
  value(margin: number, label: number): number;
}

const probabilityMin = 1e-6;

const logLoss: Loss = {
  baseValue(mean) {
    const probability = Math.min(1 - probabilityMin, Math.max(probabilityMin, mean));
    return Math.log(probability / (1 - probability));
  },
  gradient: (margin, label) => sigmoid(margin) - label,
  hessian(margin) {
    const probability = sigmoid(margin);
    return probability * (1 - probability);
  },
  // Written so that neither large margin overflows.
  value: (margin, label) => Math.max(margin, 0) - margin * label + Math.log1p(Math.exp(-Math.abs(margin))),
};

const squaredError: Loss = {
  baseValue: (mean) => mean,
  gradient: (margin, label) => margin - label,
  hessian: () => 1,
  value: (margin, label) => (margin - label) ** 2 / 2,
};

export const losses: Readonly<Record<Objective, Loss>> = { binary: logLoss, regression: squaredError };
