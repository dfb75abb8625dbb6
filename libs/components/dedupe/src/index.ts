export { createDedupe, type DedupeSettings } from './transform.ts';
