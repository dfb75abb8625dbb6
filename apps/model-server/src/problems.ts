import { defineProblem } from '@penstock/kernel';

/** What the caller sent cannot be understood. */
export const badRequest = defineProblem({ code: 'model-server.bad-request', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** There is no such model, version or alias. */
export const unknownModel = defineProblem({ code: 'model-server.unknown-model', status: 'NOT_FOUND', remedy: 'stop' });
/** The version is recorded and not loaded here. */
export const notLoaded = defineProblem({ code: 'model-server.not-loaded', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** What the alias points at cannot serve, and nothing served before it. A stage waits. */
export const notServing = defineProblem({ code: 'model-server.not-serving', status: 'UNAVAILABLE', remedy: 'retry' });
/** The stage and the model behind its alias do not fit each other. The stage waits until one of them is changed. */
export const misfit = defineProblem({ code: 'model-server.misfit', status: 'FAILED_PRECONDITION', remedy: 'retry' });
/** An alias keeps its inputs: whoever asks it must not be changed under. */
export const otherInputs = defineProblem({ code: 'model-server.other-inputs', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The alias does not point where the caller believes. */
export const aliasMoved = defineProblem({ code: 'model-server.alias-moved', status: 'ABORTED', remedy: 'stop' });
/** There is no earlier version to go back to. */
export const nothingBefore = defineProblem({
  code: 'model-server.nothing-before',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** An alias serves the version. */
export const inUse = defineProblem({ code: 'model-server.in-use', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** More bytes than a model may have. */
export const tooLarge = defineProblem({ code: 'model-server.too-large', status: 'RESOURCE_EXHAUSTED', remedy: 'stop' });
