export { type Computed, createCompute } from './transform.ts';
