import { defineProblem } from '@penstock/kernel';

/** No such version of the model was registered. */
export const unknownVersion = defineProblem({ code: 'catalogue.unknown-version', status: 'NOT_FOUND', remedy: 'stop' });
/** Somebody else registered this version a moment earlier. */
export const versionTaken = defineProblem({ code: 'catalogue.version-taken', status: 'ALREADY_EXISTS', remedy: 'stop' });
/** The stored bytes are not those that were registered. */
export const corruptModel = defineProblem({ code: 'catalogue.corrupt-model', status: 'DATA_LOSS', remedy: 'stop' });
/** A record of the topic that is not what its key says. */
export const badEntry = defineProblem({ code: 'catalogue.bad-entry', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** Others wrote each time before this writer could. */
export const writersInTheWay = defineProblem({ code: 'catalogue.writers-in-the-way', status: 'ABORTED', remedy: 'retry' });
