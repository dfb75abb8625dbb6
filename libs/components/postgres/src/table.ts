import { type FilledColumn, ownColumnOf, quoted } from './columns.ts';
import type { PostgresConfig } from './config.ts';
import { tableMismatch } from './problems.ts';
import type { Session } from './sessions.ts';

/** A column that stands. */
interface Standing {
  readonly name: string;
  readonly type: string;
  /** Not null, and nothing fills it by itself. */
  readonly demanding: boolean;
}

export function tableOf({ schema, table }: Pick<PostgresConfig, 'schema' | 'table'>): string {
  return `${quoted(schema)}.${quoted(table)}`;
}

/** Two processes that create the same things at the same moment would make one of them fail. */
export async function declareAlone(session: Session, schema: string): Promise<void> {
  await session.query(`select pg_advisory_xact_lock(hashtextextended('penstock', 0))`);
  const [found] = await session.query('select from pg_namespace where nspname = $1', [schema]);
  if (found === undefined) await session.query(`create schema ${quoted(schema)}`);
}

/** Creates the table or adds what it lacks; throws when what stands there cannot hold what the stage writes. */
export async function declareTable(session: Session, config: PostgresConfig, columns: readonly FilledColumn[]): Promise<void> {
  const standing = await columnsThatStand(session, config);
  if (standing.size === 0) return createTable(session, config, columns);
  for (const column of columns) await declareColumn(session, config, { column, standing });
  await declareOwnColumn(session, config, standing);
  refuseDemanding(config, columns, standing);
  await checkKey(session, config);
}

async function columnsThatStand(session: Session, config: PostgresConfig): Promise<ReadonlyMap<string, Standing>> {
  const rows = await session.query<Standing>(
    `select attname as name, atttypid::regtype::text as type,
            attnotnull and not atthasdef and attidentity = '' and attgenerated = '' as demanding
       from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [tableOf(config)],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

async function createTable(session: Session, config: PostgresConfig, columns: readonly FilledColumn[]): Promise<void> {
  const { table, mode, createTable: allowed, idColumn } = config;
  if (!allowed) throw tableMismatch(`table ${table} does not exist, and createTable is false: create it first`);
  const own = ownColumnOf(config);
  const definitions = columns.map(({ name, type, nullable }) => `${quoted(name)} ${type}${nullable ? '' : ' not null'}`);
  definitions.push(`${quoted(own.name)} ${own.definition}`);
  if (mode === 'upsert') definitions.push(`primary key (${quoted(idColumn)})`);
  await session.query(`create table ${tableOf(config)} (${definitions.join(', ')})`);
}

interface Declared {
  readonly column: FilledColumn;
  readonly standing: ReadonlyMap<string, Standing>;
}

async function declareColumn(session: Session, config: PostgresConfig, { column, standing }: Declared): Promise<void> {
  const { table, createTable: allowed } = config;
  const found = standing.get(column.name);
  if (found === undefined) {
    if (!column.nullable || !allowed) throw tableMismatch(`table ${table} has no column ${column.name} ${column.type}: add it`);
    await session.query(`alter table ${tableOf(config)} add column ${quoted(column.name)} ${column.type}`);
  } else if (!column.fits.includes(found.type)) {
    throw tableMismatch(
      `table ${table}: column ${column.name} is ${found.type}, the stage writes ${column.type}; change the column or choose another table`,
      { facts: { table, column: column.name, found: found.type, expected: column.type } },
    );
  }
}

async function declareOwnColumn(
  session: Session,
  config: PostgresConfig,
  standing: ReadonlyMap<string, Standing>,
): Promise<void> {
  const { name, definition } = ownColumnOf(config);
  if (standing.has(name)) return;
  if (!config.createTable) throw tableMismatch(`table ${config.table} has no column ${name} ${definition}: add it`);
  await session.query(`alter table ${tableOf(config)} add column ${quoted(name)} ${definition}`);
}

/** A column that nobody fills would make every row a bad one. */
function refuseDemanding(
  { table }: PostgresConfig,
  columns: readonly FilledColumn[],
  standing: ReadonlyMap<string, Standing>,
): void {
  const filled = new Set(columns.map(({ name }) => name));
  for (const { name, demanding } of standing.values()) {
    if (!demanding || filled.has(name)) continue;
    throw tableMismatch(`table ${table}: column ${name} is not null and the stage does not fill it; give it a default`);
  }
}

/** Upserting needs a unique id; appending must not have one, or a row that is written twice would not show. */
async function checkKey(session: Session, config: PostgresConfig): Promise<void> {
  const { table, mode, idColumn } = config;
  const found = await session.query(
    `select from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
      where indrelid = to_regclass($1) and indisunique and indpred is null and indnkeyatts = 1 and attname = $2`,
    [tableOf(config), idColumn],
  );
  if (mode === 'upsert' && found.length === 0)
    throw tableMismatch(`table ${table}: mode upsert needs a primary key or a unique index over ${idColumn} alone`);
  if (mode === 'append' && found.length > 0)
    throw tableMismatch(`table ${table}: ${idColumn} is unique, so mode append cannot show what was written twice; use upsert`);
}
