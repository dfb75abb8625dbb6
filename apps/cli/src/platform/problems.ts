import { defineProblem } from '@penstock/kernel';

export const notReady = defineProblem({ code: 'platform.service-not-ready', status: 'UNAVAILABLE', remedy: 'stop' });
export const alreadyRuns = defineProblem({ code: 'platform.already-runs', status: 'FAILED_PRECONDITION', remedy: 'stop' });
