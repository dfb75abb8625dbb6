import { defineProblem } from '@penstock/kernel';

/** A service did not say in time that it is ready. */
export const notReady = defineProblem({ code: 'platform.service-not-ready', status: 'UNAVAILABLE', remedy: 'stop' });
/** Another process runs the platform of this folder. */
export const alreadyRuns = defineProblem({ code: 'platform.already-runs', status: 'FAILED_PRECONDITION', remedy: 'stop' });
