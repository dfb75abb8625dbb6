import { defineProblem } from '@penstock/kernel';

/** A variable of the environment is missing or is not what it should be. */
export const wrongConfig = defineProblem({ code: 'service.wrong-config', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Another process listens where this one should. */
export const portBusy = defineProblem({ code: 'service.port-busy', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The address is none of this machine's, or not allowed. */
export const cannotListen = defineProblem({ code: 'service.cannot-listen', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A certificate or key that cannot be read. */
export const wrongTls = defineProblem({ code: 'service.wrong-tls', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The service is about to end: ask another replica. */
export const draining = defineProblem({ code: 'service.draining', status: 'UNAVAILABLE', remedy: 'retry' });
/** More calls at a time than the service takes. */
export const overloaded = defineProblem({ code: 'service.overloaded', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** The caller's deadline, or the longest that a call may take, has passed. */
export const deadlinePassed = defineProblem({ code: 'service.deadline-passed', status: 'DEADLINE_EXCEEDED', remedy: 'retry' });
/** The caller went away. */
export const cancelled = defineProblem({ code: 'service.cancelled', status: 'ABORTED', remedy: 'stop' });
/** Nobody has set a health of this name. */
export const unknownHealth = defineProblem({ code: 'service.unknown-health', status: 'NOT_FOUND', remedy: 'reject' });
/** A defect of the service that was asked; its log says more. */
export const defective = defineProblem({ code: 'service.defect', status: 'INTERNAL', remedy: 'stop' });
