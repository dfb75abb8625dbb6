export { compute } from './component.ts';
export { type ComputeConfig, computeConfig } from './config.ts';
export { type Computed, createCompute } from './transform.ts';
