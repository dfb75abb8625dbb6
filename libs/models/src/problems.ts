import { defineProblem } from '@penstock/kernel';

/** The bytes are no model, or one that does not fit what it was registered as. Whatever served before goes on. */
export const refused = defineProblem({ code: 'models.refused', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** The threads that held the model ended again and again while they worked on this request. */
export const workerLost = defineProblem({ code: 'models.worker-lost', status: 'UNAVAILABLE', remedy: 'retry' });
/** More rows wait for an answer than the pool takes. */
export const overloaded = defineProblem({ code: 'models.overloaded', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** The model was unloaded before the request came. */
export const unloaded = defineProblem({ code: 'models.unloaded', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The runtime could not answer rows that the model takes by its own word. */
export const runFailed = defineProblem({ code: 'models.run-failed', status: 'INTERNAL', remedy: 'stop' });
/** The number of values is not the number of rows times the number of inputs. */
export const misshapen = defineProblem({ code: 'models.misshapen', status: 'INVALID_ARGUMENT', remedy: 'stop' });
