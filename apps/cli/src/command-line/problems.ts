import { defineProblem } from '@penstock/kernel';

/** A command, an option or an operand that does not exist or does not fit. */
export const wrongUsage = defineProblem({ code: 'cli.wrong-usage', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** What the command asks does not answer. */
export const notRunning = defineProblem({ code: 'cli.not-running', status: 'UNAVAILABLE', remedy: 'stop' });
/** A file, a name or an id that is not there. */
export const notFound = defineProblem({ code: 'cli.not-found', status: 'NOT_FOUND', remedy: 'stop' });
/** A file that does not hold what the command needs. */
export const badFile = defineProblem({ code: 'cli.bad-file', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** An answer that cannot be read. */
export const unreadable = defineProblem({ code: 'cli.unreadable', status: 'UNAVAILABLE', remedy: 'stop' });
/** A registry that does not do what was asked, and says why. */
export const registryRefused = defineProblem({ code: 'cli.registry-refused', status: 'FAILED_PRECONDITION', remedy: 'stop' });
