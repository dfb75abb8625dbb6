import type { Binding, FieldType } from '@penstock/kernel';
import type { PostgresConfig } from './config.ts';
import { columnTaken } from './problems.ts';

/** Facts of a row as they stand in the encoded JSON, where no field can have these names. */
export const factKeys = { id: '$id', timeMs: '$timeMs' } as const;

/** How one type of the house lies in a table. */
interface SqlType {
  /** The column's type, as `regtype` spells it. */
  readonly column: string;
  /** Types of columns that hold it as well, without loss. */
  readonly fits: readonly string[];
  /** Its type in the recordset that rows are sent as, when that is another. */
  readonly sent?: string;
  /** From sent to stored. */
  readonly convert?: (value: string) => string;
}

const sqlTypes: Readonly<Record<FieldType, SqlType>> = {
  number: { column: 'double precision', fits: ['numeric'] },
  integer: { column: 'bigint', fits: ['numeric'] },
  time: {
    column: 'timestamp with time zone',
    fits: [],
    sent: 'double precision',
    convert: (value) => `to_timestamp(${value} / 1000)`,
  },
  boolean: { column: 'boolean', fits: [] },
  string: { column: 'text', fits: ['character varying'] },
  bytes: { column: 'bytea', fits: [] },
};

/** A column that the stage fills. */
export interface FilledColumn {
  readonly name: string;
  readonly type: string;
  readonly fits: readonly string[];
  readonly nullable: boolean;
  /** The recordset's column: `"co2Ppm" double precision`. */
  readonly sent: string;
  /** Over the recordset `r`: `r."co2Ppm"`. */
  readonly value: string;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `co2Ppm` is `co2_ppm` in SQL, where names are written without quotes. */
export function columnNameOf(field: string): string {
  return field
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** What the sink itself keeps in each row: in append mode the order of the writes, in upsert mode how often it was written. */
export function ownColumnOf({ mode }: Pick<PostgresConfig, 'mode'>): { readonly name: string; readonly definition: string } {
  return mode === 'append'
    ? { name: 'written', definition: 'bigint generated always as identity' }
    : { name: 'writes', definition: 'integer not null default 1' };
}

/** The columns of a table, the facts first. Throws where two of them would share a name. */
export function columnsOf(
  config: Pick<PostgresConfig, 'table' | 'mode' | 'idColumn' | 'eventTimeColumn'>,
  bindings: readonly Binding[],
): readonly FilledColumn[] {
  const taken = new Map([[ownColumnOf(config).name, 'a column that the sink fills itself']]);
  const claimName = (name: string, whose: string): string => {
    const earlier = taken.get(name);
    if (earlier !== undefined)
      throw columnTaken(`table ${config.table}: ${whose} would be the column ${name}, which is ${earlier}; rename one of them`);
    if (Buffer.byteLength(name) > 63) throw columnTaken(`table ${config.table}: ${whose} is longer than the 63 bytes of a name`);
    taken.set(name, whose);
    return name;
  };
  const fact = (name: string, key: string, type: FieldType): FilledColumn =>
    filled({ name: claimName(name, `the fact ${key}`), key, type, nullable: false });
  const facts = [fact(config.idColumn, factKeys.id, 'string'), fact(config.eventTimeColumn, factKeys.timeMs, 'time')];
  const fields = bindings.map(({ field }) =>
    filled({
      name: claimName(columnNameOf(field.name), `the field ${field.name}`),
      key: field.name,
      type: field.type,
      nullable: true,
    }),
  );
  return [...facts, ...fields];
}

function filled({ name, key, type, nullable }: { name: string; key: string; type: FieldType; nullable: boolean }): FilledColumn {
  const { column, fits, sent = column, convert = (value: string) => value } = sqlTypes[type];
  return {
    name,
    type: column,
    fits: [column, ...fits],
    nullable,
    sent: `${quoted(key)} ${sent}`,
    value: convert(`r.${quoted(key)}`),
  };
}
