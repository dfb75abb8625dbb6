import type { Problem } from '@penstock/kernel';
import type { Output } from '@penstock/pipeline';
import { type FilledColumn, ownColumnOf, quoted } from './columns.ts';
import type { PostgresConfig } from './config.ts';
import { refusedRow } from './problems.ts';
import type { Session } from './sessions.ts';
import { tableOf } from './table.ts';

export interface WrittenRows {
  /** Writes that met a row with their id. Known in upsert mode only: in append mode SQL tells. */
  readonly duplicates: number;
  readonly refused: readonly { readonly output: Output; readonly problem: Problem }[];
}

/** Stores rows: all, or throws. */
type Insert = (session: Session, rows: readonly Output[]) => Promise<number>;

/** Writes encoded rows into one table. */
export class RowWriter {
  readonly #isUpsert: boolean;
  readonly #insert: Insert;

  constructor(config: PostgresConfig, columns: readonly FilledColumn[]) {
    this.#isUpsert = config.mode === 'upsert';
    this.#insert = createInsert(config, columns);
  }

  /** In the order given; `careful` finds the rows that the table does not take, otherwise one of them fails them all. */
  async write(session: Session, rows: readonly Output[], { careful }: { readonly careful: boolean }): Promise<WrittenRows> {
    const refused: { output: Output; problem: Problem }[] = [];
    let duplicates = 0;
    for (const wave of this.#isUpsert ? wavesOf(rows) : [rows]) {
      if (wave.length === 0) continue;
      if (careful) duplicates += await this.#bisect(session, wave, (output, problem) => refused.push({ output, problem }));
      else duplicates += await this.#insert(session, wave);
    }
    return { duplicates, refused };
  }

  async #bisect(session: Session, rows: readonly Output[], refuse: (output: Output, problem: Problem) => void): Promise<number> {
    await session.query('savepoint wave');
    try {
      const duplicates = await this.#insert(session, rows);
      await session.query('release wave');
      return duplicates;
    } catch (thrown) {
      if (!refusedRow.caused(thrown)) throw thrown;
      await session.query('rollback to wave');
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) {
        refuse(only, thrown);
        return 0;
      }
    }
    const middle = rows.length >> 1;
    const before = await this.#bisect(session, rows.slice(0, middle), refuse);
    return before + (await this.#bisect(session, rows.slice(middle), refuse));
  }
}

/** One statement cannot write the same row twice: a repeated id goes into a later wave. Sorted, so that writers do not deadlock. */
function wavesOf(rows: readonly Output[]): readonly Output[][] {
  const waves: Output[][] = [];
  const times = new Map<string, number>();
  for (const row of rows) {
    const time = times.get(row.id) ?? 0;
    times.set(row.id, time + 1);
    (waves[time] ??= []).push(row);
  }
  for (const wave of waves) wave.sort((left, right) => (left.id < right.id ? -1 : 1));
  return waves;
}

function createInsert(config: PostgresConfig, columns: readonly FilledColumn[]): Insert {
  const names = columns.map(({ name }) => quoted(name));
  const insert = `insert into ${tableOf(config)} as stored (${names.join(', ')})
    select ${columns.map(({ value }) => value).join(', ')}
      from json_to_recordset($1::json) as r(${columns.map(({ sent }) => sent).join(', ')})`;
  if (config.mode === 'append') {
    return async (session, rows) => {
      await session.query(insert, [recordsetOf(rows)]);
      return 0;
    };
  }
  const writes = quoted(ownColumnOf(config).name);
  const updates = names.map((name) => `${name} = excluded.${name}`);
  const upsert = `with row as (${insert} on conflict (${quoted(config.idColumn)})
    do update set ${updates.join(', ')}, ${writes} = stored.${writes} + 1 returning ${writes} > 1 as again)
    select count(*) filter (where again)::int as duplicates from row`;
  return async (session, rows) => {
    const [counted] = await session.query<{ duplicates: number }>(upsert, [recordsetOf(rows)]);
    return counted?.duplicates ?? 0;
  };
}

const open = Buffer.from('[');
const comma = Buffer.from(',');
const close = Buffer.from(']');

/** Sent as bytes, so that nothing is decoded on the way. */
function recordsetOf(rows: readonly Output[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { id, payload } of rows) {
    if (payload === null) throw new TypeError(`row ${id} has no payload`);
    parts.push(parts.length === 0 ? open : comma, payload);
  }
  parts.push(close);
  return Buffer.concat(parts);
}
