export { type Dataset, joinLabels } from './data/dataset.ts';
export { retrainMetrics } from './retrain-metrics.ts';
export { retrainer } from './service.ts';
