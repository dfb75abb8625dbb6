import { defineProblem } from '@penstock/kernel';

/** What was asked cannot be meant. */
export const badRequest = defineProblem({ code: 'dispatch.bad-request', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** No pipeline of this name is applied. */
export const noSuchPipeline = defineProblem({ code: 'dispatch.no-such-pipeline', status: 'NOT_FOUND', remedy: 'reject' });
/** There is no dead letter of this id, or retention has deleted it. */
export const noSuchDeadLetter = defineProblem({ code: 'dispatch.no-such-dead-letter', status: 'NOT_FOUND', remedy: 'reject' });
