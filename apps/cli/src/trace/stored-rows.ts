import { resolveReferences, type StagePlan } from '@penstock/document';
import { messageOf } from '@penstock/kernel';
import pg from 'pg';
import { unreadable } from '../command-line/problems.ts';

/** The rows that a stage stored of records, by their ids. Throws `cli.unreadable` when the database does not answer. */
export async function storedRows(
  stage: StagePlan,
  ids: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (stage.to.kind !== 'postgres') return [];
  const { url, schema = 'public', table, idColumn = 'id' } = resolveReferences(stage.to.config, env);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 30_000 });
  client.on('error', () => undefined); // each call is told of its own
  try {
    await client.connect();
    const place = [schema, table].map((name) => client.escapeIdentifier(name)).join('.');
    const { rows } = await client.query(`select * from ${place} where ${client.escapeIdentifier(idColumn)} = any($1)`, [ids]);
    return rows as Record<string, unknown>[];
  } catch (thrown) {
    throw unreadable(`stage ${stage.name}: table ${table}: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    await client.end();
  }
}
