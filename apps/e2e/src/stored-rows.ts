import pg from 'pg';
import type { ArchivedRow } from './reading-audit.ts';
import type { WindowRow } from './window-audit.ts';

/** Where rows lie: asked in SQL, past every service. */
export interface Tables {
  readonly url: string;
  readonly schema: string;
}

/** Plain words only: these go into SQL as they are. */
function nameOf(name: string): string {
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new TypeError(`expected a plain name of a table or column, got ${name}`);
  return `"${name}"`;
}

async function ask<Row extends object>({ url }: Tables, query: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of the archive, in the order in which it was written. */
export async function readArchive(tables: Tables, table: string): Promise<ArchivedRow[]> {
  const from = `${nameOf(tables.schema)}.${nameOf(table)}`;
  const rows = await ask<{ building: string; room: string; device_id: string; sequence: string; written: string }>(
    tables,
    `select building, room, device_id, sequence, written from ${from} order by written`,
  );
  return rows.map(({ building, room, device_id, sequence, written }) => ({
    key: `${building}/${room}`,
    deviceId: device_id,
    sequence: Number(sequence),
    order: Number(written),
  }));
}

export interface StoredWindows {
  readonly rows: readonly WindowRow[];
  /** Writes that hit a row which was there already: upserting hides them, the table's own count does not. */
  readonly duplicates: number;
}

/** Every row of the predictions, with the columns of its means by their names in the document. */
export async function readWindows(tables: Tables, table: string, means: readonly string[]): Promise<StoredWindows> {
  const from = `${nameOf(tables.schema)}.${nameOf(table)}`;
  const columns = means.map((mean) => `${nameOf(columnOf(mean))} as ${nameOf(mean)}`);
  const rows = await ask<Record<string, unknown>>(
    tables,
    `select key, window_start_ms, count, writes, ${columns.join(', ')} from ${from}`,
  );
  return {
    rows: rows.map((row) => ({
      key: String(row['key']),
      windowStartMs: Number(row['window_start_ms']),
      count: Number(row['count']),
      means: Object.fromEntries(means.map((mean) => [mean, row[mean] === null ? null : Number(row[mean])])),
    })),
    duplicates: rows.reduce((sum, { writes }) => sum + Number(writes) - 1, 0),
  };
}

/** `co2Mean` is `co2_mean` in SQL. */
function columnOf(field: string): string {
  return field.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
