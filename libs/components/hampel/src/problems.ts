import { defineProblem } from '@penstock/kernel';

/** A value too far from the median of its window, where the document says to reject it. */
export const outlier = defineProblem({ code: 'hampel.outlier', status: 'OUT_OF_RANGE', remedy: 'reject' });
