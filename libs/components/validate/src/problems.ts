import { defineProblem } from '@penstock/kernel';

/** A value outside of the range that the document allows. */
export const outOfRange = defineProblem({ code: 'validate.out-of-range', status: 'OUT_OF_RANGE', remedy: 'reject' });
