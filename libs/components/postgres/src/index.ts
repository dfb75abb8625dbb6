export type { StoredRows } from './claim.ts';
export { columnNameOf, columnsOf } from './columns.ts';
export { type PostgresConfig, type PostgresSettings, postgresConfig } from './config.ts';
export { createPostgresEncoder } from './encoder.ts';
export * as postgresProblems from './problems.ts';
export { openPostgresSink, type PostgresSinkContext } from './sink.ts';
