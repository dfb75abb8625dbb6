import { defineProblem } from '@penstock/kernel';

/** Columns, labels and weights do not fit each other, or hold what no model can be trained from. */
export const badDataset = defineProblem({ code: 'training.bad-dataset', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Every label is the same: there is nothing to tell apart. */
export const oneClass = defineProblem({ code: 'training.one-class', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A parameter lies outside what the trainer can do. */
export const badParams = defineProblem({ code: 'training.bad-params', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Too few whole days to say what an ordinary one looks like. */
export const tooFewDays = defineProblem({ code: 'training.too-few-days', status: 'FAILED_PRECONDITION', remedy: 'stop' });
