import { defineProblem } from '@penstock/kernel';

export const badRecording = defineProblem({ code: 'demo.bad-recording', status: 'INVALID_ARGUMENT', remedy: 'stop' });
