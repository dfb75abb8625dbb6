import { defineProblem } from '@penstock/kernel';

/** Retention has eaten what a dataset was to be cut from. */
export const rangeDeleted = defineProblem({ code: 'retrain.range-deleted', status: 'DATA_LOSS', remedy: 'stop' });
/** More records than the retrainer is allowed to hold. */
export const tooManyRecords = defineProblem({ code: 'retrain.too-many-records', status: 'RESOURCE_EXHAUSTED', remedy: 'stop' });
/** Too few rows with a label to train from and to judge by. */
export const tooFewRows = defineProblem({ code: 'retrain.too-few-rows', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A file that a step left for the next one is missing, or is not what it was. */
export const lostFile = defineProblem({ code: 'retrain.lost-file', status: 'DATA_LOSS', remedy: 'stop' });
/** No applied document says how this model is trained. */
export const noSuchModel = defineProblem({ code: 'retrain.no-such-model', status: 'NOT_FOUND', remedy: 'stop' });
/** Neither a run under way nor one that is remembered has this id. */
export const noSuchRun = defineProblem({ code: 'retrain.no-such-run', status: 'NOT_FOUND', remedy: 'stop' });
/** One run for each model at a time. */
export const alreadyRunning = defineProblem({ code: 'retrain.already-running', status: 'ABORTED', remedy: 'stop' });
/** Somebody asked for the end of the run. */
export const cancelled = defineProblem({ code: 'retrain.cancelled', status: 'ABORTED', remedy: 'stop' });
/** What is to be predicted is nothing that this build can judge. */
export const unsupportedTarget = defineProblem({ code: 'retrain.unsupported-target', status: 'UNIMPLEMENTED', remedy: 'stop' });
/** Redis does not answer: runs under way wait, and none can be started. */
export const redisUnreachable = defineProblem({ code: 'retrain.redis-unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** A request that no run can be made of. */
export const badRequest = defineProblem({ code: 'retrain.bad-request', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** The training was given up. */
export const tooSlow = defineProblem({ code: 'retrain.too-slow', status: 'DEADLINE_EXCEEDED', remedy: 'stop' });
