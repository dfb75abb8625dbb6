import { defineProblem } from '@penstock/kernel';

/** The topics could not be written in the time that the caller gives; whether it happened is known when one asks again. */
export const storeTimeout = defineProblem({ code: 'gateway.store-timeout', status: 'UNAVAILABLE', remedy: 'retry' });
/** What was stored is not read back, so that it is not known what it was built on: a new claim finds out. */
export const unread = defineProblem({ code: 'gateway.unread', status: 'UNAVAILABLE', remedy: 'retry' });
/** The service ends. */
export const closing = defineProblem({ code: 'gateway.closing', status: 'UNAVAILABLE', remedy: 'retry' });
/** A schema that deployed pipelines could not work with. */
export const breaksPipelines = defineProblem({ code: 'gateway.breaks-pipelines', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A document that has something to complain about cannot be applied. */
export const wrongDocument = defineProblem({ code: 'gateway.wrong-document', status: 'FAILED_PRECONDITION', remedy: 'stop' });
export const unknownPipeline = defineProblem({ code: 'gateway.unknown-pipeline', status: 'NOT_FOUND', remedy: 'stop' });
/** The REST port is taken, or none of this machine's. */
export const cannotListen = defineProblem({ code: 'gateway.cannot-listen', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A request that does not say what it should. */
export const badRequest = defineProblem({ code: 'gateway.bad-request', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Who watches does not take what is told. */
export const tooSlow = defineProblem({ code: 'gateway.too-slow', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** What is set for the registry upstream does not go together, or names a file that cannot be read. */
export const wrongUpstream = defineProblem({ code: 'gateway.wrong-upstream', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The registry upstream could not be asked: nothing happened. */
export const upstreamAway = defineProblem({ code: 'gateway.upstream-away', status: 'UNAVAILABLE', remedy: 'retry' });
/** The registry upstream took a change and did not answer: whether it happened is known when one asks again. */
export const upstreamSilent = defineProblem({ code: 'gateway.upstream-silent', status: 'UNAVAILABLE', remedy: 'retry' });
/** The registry upstream refused, for a reason that this build has no name for. */
export const upstreamRefused = defineProblem({ code: 'gateway.upstream-refused', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A registry upstream does not tell what this would need. */
export const notUpstream = defineProblem({ code: 'gateway.not-upstream', status: 'UNIMPLEMENTED', remedy: 'stop' });
