import { defineProblem } from '@penstock/kernel';

export const outlier = defineProblem({ code: 'hampel.outlier', status: 'OUT_OF_RANGE', remedy: 'reject' });
