export { type LoadedModel, type ModelPool, type ModelPoolReading, type ModelPoolSettings, openModelPool } from './pool.ts';
export {
  inUse,
  misfit,
  misshapen,
  notLoaded,
  notServing,
  otherInputs,
  overloaded,
  refused,
  runFailed,
  unknownModel,
  unloaded,
  workerLost,
} from './problems.ts';
export { type Asked, createPredictor, type PredictorOptions } from './serving/predictor.ts';
export { type AliasEvents, checkSameInputs, type ServedAlias } from './serving/served-alias.ts';
export { defaultAlias, ServedModels, type ServedModelsParts } from './serving/served-models.ts';
export type { ReadyModel, ShelfState } from './serving/shelf.ts';
export type { Answer } from './session.ts';
export type { ModelKind, Signature } from './signature.ts';
