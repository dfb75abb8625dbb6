import type { Lane, StateChange } from '@penstock/pipeline';
import { quoted } from './columns.ts';
import type { Session } from './sessions.ts';

/** A stage's place in the ledger. */
export interface LedgerPlace {
  readonly schema: string;
  /** `<pipeline>.<stage>`. */
  readonly stage: string;
  readonly lane: Lane;
}

export interface LedgerEntry {
  /** The position below which everything is stored; null: nothing was stored yet. */
  readonly next: number | null;
  /** Counts the claims: who holds an older one stores nothing any more. */
  readonly epoch: number;
}

const ledgerOf = (schema: string): string => `${quoted(schema)}.penstock_ledger`;
const stateOf = (schema: string): string => `${quoted(schema)}.penstock_state`;

/** Whoever may not create tables can still use those that stand. */
export async function declareLedger(session: Session, schema: string): Promise<void> {
  const declare = async (table: string, definition: string): Promise<void> => {
    const [found] = await session.query<{ stands: boolean }>('select to_regclass($1) is not null as stands', [table]);
    if (!found?.stands) await session.query(`create table ${table} (${definition}) with (fillfactor = 50)`);
  };
  await declare(
    ledgerOf(schema),
    'stage text not null, lane text not null, next bigint, epoch bigint not null, primary key (stage, lane)',
  );
  await declare(
    stateOf(schema),
    `stage text not null, lane text not null, store text not null, key bytea not null, value bytea not null,
     primary key (stage, lane, store, key)`,
  );
}

/** Fences every earlier owner. Waits for a transaction of theirs that has moved the position already. */
export async function claimPlace(session: Session, { schema, stage, lane }: LedgerPlace): Promise<LedgerEntry> {
  const [entry] = await session.query<{ next: string | null; epoch: string }>(
    `insert into ${ledgerOf(schema)} as ledger (stage, lane, epoch) values ($1, $2, 1)
       on conflict (stage, lane) do update set epoch = ledger.epoch + 1
     returning next, epoch`,
    [stage, lane],
  );
  if (entry === undefined) throw new TypeError(`the ledger gave no entry for ${stage}, ${lane}`);
  return { next: entry.next === null ? null : Number(entry.next), epoch: Number(entry.epoch) };
}

/** Moves the position of a claim that still holds; false when it does not. */
export async function movePlace(
  session: Session,
  { schema, stage, lane }: LedgerPlace,
  { from, to }: { readonly from: LedgerEntry; readonly to: number | null },
): Promise<boolean> {
  const moved = await session.query(
    `update ${ledgerOf(schema)} set next = $5
      where stage = $1 and lane = $2 and epoch = $3 and next is not distinct from $4 returning lane`,
    [stage, lane, from.epoch, from.next, to],
  );
  return moved.length === 1;
}

/** Stores changes of a lane's state; the last one of a key counts. */
export async function saveState(
  session: Session,
  { schema, stage, lane }: LedgerPlace,
  changes: readonly StateChange[],
): Promise<void> {
  const last = new Map(changes.map((change) => [`${change.store}\n${Buffer.from(change.key).toString('latin1')}`, change]));
  const kept = [...last.values()].filter(({ value }) => value !== null);
  const gone = [...last.values()].filter(({ value }) => value === null);
  if (kept.length > 0) {
    await session.query(
      `insert into ${stateOf(schema)} (stage, lane, store, key, value)
       select $1, $2, * from unnest($3::text[], $4::bytea[], $5::bytea[])
         on conflict (stage, lane, store, key) do update set value = excluded.value`,
      [stage, lane, kept.map(({ store }) => store), kept.map(keyOf), kept.map(({ value }) => Buffer.from(value ?? []))],
    );
  }
  if (gone.length > 0) {
    await session.query(
      `delete from ${stateOf(schema)} where stage = $1 and lane = $2
          and (store, key) in (select * from unnest($3::text[], $4::bytea[]))`,
      [stage, lane, gone.map(({ store }) => store), gone.map(keyOf)],
    );
  }
}

export async function readState(session: Session, { schema, stage, lane }: LedgerPlace): Promise<readonly StateChange[]> {
  return session.query<{ store: string; key: Buffer; value: Buffer }>(
    `select store, key, value from ${stateOf(schema)} where stage = $1 and lane = $2`,
    [stage, lane],
  );
}

function keyOf({ key }: StateChange): Buffer {
  return Buffer.from(key);
}
