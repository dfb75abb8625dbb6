import { z } from 'zod';

const identifier = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'), { error: 'expected a name of at most 63 bytes' });

export const postgresConfig = z.strictObject({
  url: z
    .url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host:port/database' })
    .describe('The database; `?sslmode=verify-full` for TLS'),
  tls: z
    .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
    .nullable()
    .default(null)
    .describe('PEM texts; an empty object trusts the system'),
  schema: identifier.default('public').describe('Holds the table, the ledger and the state'),
  table: identifier.describe('Where rows go'),
  mode: z
    .enum(['append', 'upsert'])
    .describe('append: a row for each write and no unique key; upsert: one row for each id, the newest write wins'),
  createTable: z.boolean().default(true).describe('Create the table and add what it lacks; false: complain instead'),
  idColumn: identifier.default('id').describe('Holds the id of the record'),
  eventTimeColumn: identifier.default('event_time').describe('Holds its event time'),
  connectionsMax: z.int().min(1).max(100).default(4).describe('Connections of the stage in one process'),
  connectTimeoutMs: z.int().positive().default(5_000).describe('For a connection'),
  statementTimeoutMs: z.int().positive().default(30_000).describe('For a statement, and for a transaction that stands still'),
  transactionRowsMax: z.int().positive().default(10_000).describe('Deliveries that wait are stored together up to this'),
});

export type PostgresConfig = z.output<typeof postgresConfig>;
export type PostgresSettings = z.input<typeof postgresConfig>;

/** `host:port/database`, without the credentials that a URL may carry. */
export function addressOf({ url }: Pick<PostgresConfig, 'url'>): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? 5_432 : port}${pathname}`;
}
