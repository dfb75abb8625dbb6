export { hampel } from './component.ts';
export { type HampelConfig, hampelConfig } from './config.ts';
export { outlier } from './problems.ts';
export { createHampel, type HampelSettings } from './transform.ts';
