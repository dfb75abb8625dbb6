import { defineProblem } from '@penstock/kernel';

/** Nobody has promoted a model to the alias yet. The stage waits; its readings stay in their topic. */
export const noModel = defineProblem({ code: 'predict.no-model', status: 'FAILED_PRECONDITION', remedy: 'retry' });
