import { defineProblem } from '@penstock/kernel';

export const wrongUsage = defineProblem({ code: 'cli.wrong-usage', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const notRunning = defineProblem({ code: 'cli.not-running', status: 'UNAVAILABLE', remedy: 'stop' });
export const notFound = defineProblem({ code: 'cli.not-found', status: 'NOT_FOUND', remedy: 'stop' });
export const badFile = defineProblem({ code: 'cli.bad-file', status: 'INVALID_ARGUMENT', remedy: 'stop' });
export const unreadable = defineProblem({ code: 'cli.unreadable', status: 'UNAVAILABLE', remedy: 'stop' });
