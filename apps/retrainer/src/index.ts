export { type Dataset, joinLabels } from './dataset.ts';
