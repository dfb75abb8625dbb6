export { dedupe } from './component.ts';
export { type DedupeConfig, dedupeConfig } from './config.ts';
export { createDedupe, type DedupeSettings } from './transform.ts';
