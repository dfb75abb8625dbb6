export { type LoadedModel, type ModelPool, type ModelPoolReading, type ModelPoolSettings, openModelPool } from './pool.ts';
export { misshapen, overloaded, refused, runFailed, unloaded, workerLost } from './problems.ts';
export type { Answer } from './session.ts';
export type { ModelKind, Signature } from './signature.ts';
