import { defineProblem } from '@penstock/kernel';

export const badRecording = defineProblem({ code: 'demo.bad-recording', status: 'INVALID_ARGUMENT', remedy: 'stop' });

/** Nothing was promoted, so there is nothing to go on with. */
export const trainingFailed = defineProblem({ code: 'demo.training-failed', status: 'ABORTED', remedy: 'stop' });

/** What the demo waited for did not happen in time. */
export const tooLate = defineProblem({ code: 'demo.too-late', status: 'DEADLINE_EXCEEDED', remedy: 'stop' });
