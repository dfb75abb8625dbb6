export { outOfRange } from './problems.ts';
export { createValidate, type Range } from './transform.ts';
