import { defineProblem } from '@penstock/kernel';

export const outOfRange = defineProblem({ code: 'validate.out-of-range', status: 'OUT_OF_RANGE', remedy: 'reject' });
