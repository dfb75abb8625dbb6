export { validate } from './component.ts';
export { type ValidateConfig, validateConfig } from './config.ts';
export { outOfRange } from './problems.ts';
export { createValidate, type Range } from './transform.ts';
