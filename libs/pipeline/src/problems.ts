import { defineProblem } from '@penstock/kernel';

/** Somebody else has claimed the lane. The engine lets go, and claims again only if it still owns the lane after a long wait. */
export const fenced = defineProblem({ code: 'lane.fenced', status: 'ABORTED', remedy: 'retry' });

/** A sink refused an output and there is no place for dead letters. */
export const noDeadLetters = defineProblem({ code: 'lane.no-dead-letters', status: 'FAILED_PRECONDITION', remedy: 'stop' });

/** The fates of a delivery do not add up to its rows: a bug in a transform. */
export const unaccounted = defineProblem({ code: 'lane.unaccounted', status: 'INTERNAL', remedy: 'stop' });
