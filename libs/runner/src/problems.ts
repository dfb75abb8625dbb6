import { defineProblem } from '@penstock/kernel';

/** The reading says no time, or none that can be read. */
export const noEventTime = defineProblem({ code: 'stage.no-event-time', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The reading lies further in the future than the document allows: its device's clock is wrong. */
export const aheadOfTime = defineProblem({ code: 'stage.ahead-of-time', status: 'OUT_OF_RANGE', remedy: 'reject' });
/** An operand of `identity` is not there. */
export const noIdentity = defineProblem({ code: 'stage.no-identity', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** An operand of `key` is not there. */
export const noKey = defineProblem({ code: 'stage.no-key', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A field that the document sets beside the payload has no value for this row. */
export const notSet = defineProblem({ code: 'stage.not-set', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A stage was applied that needs an end this service does not have. */
export const noSuchEnd = defineProblem({ code: 'stage.no-such-end', status: 'UNIMPLEMENTED', remedy: 'stop' });
/** A record of `penstock.pipelines` that this build cannot read. */
export const badPipeline = defineProblem({ code: 'stage.bad-pipeline', status: 'FAILED_PRECONDITION', remedy: 'stop' });
