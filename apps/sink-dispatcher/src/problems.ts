import { defineProblem } from '@penstock/kernel';

export const badRequest = defineProblem({ code: 'dispatch.bad-request', status: 'INVALID_ARGUMENT', remedy: 'reject' });
export const noSuchPipeline = defineProblem({ code: 'dispatch.no-such-pipeline', status: 'NOT_FOUND', remedy: 'reject' });
export const noSuchDeadLetter = defineProblem({ code: 'dispatch.no-such-dead-letter', status: 'NOT_FOUND', remedy: 'reject' });
