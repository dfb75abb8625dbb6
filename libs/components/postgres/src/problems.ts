import { defineProblem, messageOf, Problem, type ProblemMaker } from '@penstock/kernel';
import pg from 'pg';

/** No connection, or one that broke. */
export const unreachable = defineProblem({ code: 'postgres.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** The connection broke while a transaction was being committed: the next claim reads from the ledger what became of it. */
export const outcomeUnknown = defineProblem({ code: 'postgres.outcome-unknown', status: 'UNAVAILABLE', remedy: 'retry' });
/** Credentials are wrong or lack a right. An outage, not a fault of any record: it is waited for. */
export const unauthorised = defineProblem({ code: 'postgres.unauthorised', status: 'PERMISSION_DENIED', remedy: 'retry' });
/** The server is there and the database is not. */
export const noDatabase = defineProblem({ code: 'postgres.no-database', status: 'NOT_FOUND', remedy: 'retry' });
/** No disk, no memory, no connection left. */
export const exhausted = defineProblem({ code: 'postgres.exhausted', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** A statement took longer than it may. */
export const timedOut = defineProblem({ code: 'postgres.timed-out', status: 'DEADLINE_EXCEEDED', remedy: 'retry' });
/** A lock or a deadlock. */
export const busy = defineProblem({ code: 'postgres.busy', status: 'ABORTED', remedy: 'retry' });
/** The table is not what it was when the stage began: the next claim looks at it again. */
export const tableChanged = defineProblem({ code: 'postgres.table-changed', status: 'ABORTED', remedy: 'retry' });
/** This side let go of the lane while something was on its way. */
export const closed = defineProblem({ code: 'postgres.closed', status: 'ABORTED', remedy: 'retry' });
/** Something that the server answered and nobody expected. */
export const unexpected = defineProblem({ code: 'postgres.unexpected', status: 'INTERNAL', remedy: 'retry' });
/** The table, one of its constraints or one of its triggers does not take this row. */
export const refusedRow = defineProblem({ code: 'postgres.refused-row', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The table stands and cannot hold what the stage writes. */
export const tableMismatch = defineProblem({ code: 'postgres.table-mismatch', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** Two fields, or a field and a column of the sink, would share a name. */
export const columnTaken = defineProblem({ code: 'postgres.column-taken', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A stage sent an output that is no row of its table. */
export const undeclaredRoute = defineProblem({ code: 'postgres.undeclared-route', status: 'INTERNAL', remedy: 'stop' });

/** By SQLSTATE or its class (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const kinds = new Map<string, ProblemMaker>([
  ['08', unreachable],
  ['21', unexpected],
  ['22', refusedRow],
  ['23', refusedRow],
  ['25006', unreachable], // a standby
  ['25P03', unreachable], // the transaction stood still for too long
  ['28', unauthorised],
  ['3D', noDatabase],
  ['3F', tableChanged],
  ['40', busy],
  ['42', tableChanged],
  ['42501', unauthorised],
  ['44', refusedRow],
  ['53', exhausted],
  ['54', refusedRow],
  ['55P03', busy],
  ['57', unreachable],
  ['57014', timedOut],
  ['P0001', refusedRow], // a trigger raised it
]);

/** Says in the words of the house what a server answered, or that it did not; a defect is passed through as it is. */
export function problemOf(thrown: unknown, doing: string): unknown {
  if (thrown instanceof Problem || thrown instanceof TypeError || thrown instanceof RangeError) return thrown;
  if (!(thrown instanceof pg.DatabaseError)) return unreachable(`${doing}: ${messageOf(thrown)}`, { cause: thrown });
  const sqlState = thrown.code ?? '';
  const make = kinds.get(sqlState) ?? kinds.get(sqlState.slice(0, 2)) ?? unexpected;
  return make(`${doing}: ${thrown.message}`, { facts: factsOf(thrown, sqlState), cause: thrown });
}

function factsOf({ column, constraint }: pg.DatabaseError, sqlState: string): Record<string, string> {
  return {
    sqlState,
    ...(column === undefined ? {} : { column }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}

/** True when it is not known whether the commit that failed so was a commit. */
export function leavesUnknown(thrown: unknown): boolean {
  if (!(thrown instanceof pg.DatabaseError)) return true;
  return thrown.code === undefined || thrown.code.startsWith('08') || thrown.code.startsWith('57');
}
