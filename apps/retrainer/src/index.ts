export { type Dataset, joinLabels } from './data/dataset.ts';
