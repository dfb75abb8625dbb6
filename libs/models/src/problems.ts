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
/** There is no such model, version or alias. */
export const unknownModel = defineProblem({ code: 'models.unknown-model', status: 'NOT_FOUND', remedy: 'stop' });
/** The version is recorded and not loaded here. */
export const notLoaded = defineProblem({ code: 'models.not-loaded', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** What the alias points at cannot serve, and nothing served before it. A stage waits. */
export const notServing = defineProblem({ code: 'models.not-serving', status: 'UNAVAILABLE', remedy: 'retry' });
/** An alias keeps its inputs: whoever asks it must not be changed under. */
export const otherInputs = defineProblem({ code: 'models.other-inputs', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** An alias serves the version. */
export const inUse = defineProblem({ code: 'models.in-use', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The stage and the model behind its alias do not fit each other. The stage waits until one of them is changed. */
export const misfit = defineProblem({ code: 'models.misfit', status: 'FAILED_PRECONDITION', remedy: 'retry' });
