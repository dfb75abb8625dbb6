import { defineProblem } from '@penstock/kernel';

/** What the caller sent cannot be understood. */
export const badRequest = defineProblem({ code: 'model-server.bad-request', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The alias does not point where the caller believes. */
export const aliasMoved = defineProblem({ code: 'model-server.alias-moved', status: 'ABORTED', remedy: 'stop' });
/** There is no earlier version to go back to. */
export const nothingBefore = defineProblem({
  code: 'model-server.nothing-before',
  status: 'FAILED_PRECONDITION',
  remedy: 'stop',
});
/** More bytes than a model may have. */
export const tooLarge = defineProblem({ code: 'model-server.too-large', status: 'RESOURCE_EXHAUSTED', remedy: 'stop' });
