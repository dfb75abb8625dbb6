import { defineProblem } from '@penstock/kernel';

export const unknownVersion = defineProblem({ code: 'catalogue.unknown-version', status: 'NOT_FOUND', remedy: 'stop' });
export const versionTaken = defineProblem({ code: 'catalogue.version-taken', status: 'ALREADY_EXISTS', remedy: 'stop' });
export const corruptModel = defineProblem({ code: 'catalogue.corrupt-model', status: 'DATA_LOSS', remedy: 'stop' });
export const badEntry = defineProblem({ code: 'catalogue.bad-entry', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Others wrote each time before this writer could. */
export const writersInTheWay = defineProblem({ code: 'catalogue.writers-in-the-way', status: 'ABORTED', remedy: 'retry' });
