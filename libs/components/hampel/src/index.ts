export { outlier } from './problems.ts';
export { createHampel, type HampelSettings } from './transform.ts';
