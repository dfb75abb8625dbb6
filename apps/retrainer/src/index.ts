export { type Dataset, joinLabels } from './data/dataset.ts';
export { retrainer } from './service.ts';
