import { defineProblem } from '@penstock/kernel';

/** The caller has not shown who he is, or what he has shown is not believed. */
export const unauthenticated = defineProblem({ code: 'access.unauthenticated', status: 'UNAUTHENTICATED', remedy: 'stop' });
/** The caller is known and has no right to this. */
export const denied = defineProblem({ code: 'access.denied', status: 'PERMISSION_DENIED', remedy: 'stop' });
/** The caller asks more often than he may; `retryAfterMs` says when to ask again. */
export const throttled = defineProblem({ code: 'access.throttled', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** The file that says who may do what cannot be read, or is wrong. */
export const wrongFile = defineProblem({ code: 'access.wrong-file', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The keys of an identity provider cannot be had, so that its tokens cannot be judged. */
export const keysUnreachable = defineProblem({ code: 'access.keys-unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
