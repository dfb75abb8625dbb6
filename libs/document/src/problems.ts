import { defineProblem } from '@penstock/kernel';

/** What was applied does not mean anything to this build: it was written by another, or by hand. */
export const unplannable = defineProblem({ code: 'document.unplannable', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A reference to a variable or a file that is not there. */
export const missingSecret = defineProblem({ code: 'document.missing-secret', status: 'FAILED_PRECONDITION', remedy: 'stop' });
