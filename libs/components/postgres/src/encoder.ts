import { type Binding, type Encoder, isNumeric, type Rows } from '@penstock/kernel';
import { factSlots } from '@penstock/pipeline';
import { factKeys } from './columns.ts';

type Write = (rows: Rows, row: number) => string;

/**
 * Writes rows as JSON objects for `json_to_recordset`: fields under their own names, id and event time beside them. Null stays
 * null; what JSON has no number for is written as the word that PostgreSQL reads.
 */
export function createPostgresEncoder(columns: readonly Binding[]): Encoder {
  const members = columns.map(({ field, slot }) => {
    const prefix = `,${JSON.stringify(field.name)}:`;
    const write = isNumeric(field.type) ? numberOf(slot) : valueOf(slot);
    return (rows: Rows, row: number): string => prefix + write(rows, row);
  });
  return {
    encode(rows, row) {
      let json = `{"${factKeys.id}":${JSON.stringify(rows.values(factSlots.id)[row])}`;
      json += `,"${factKeys.timeMs}":${rows.numbers(factSlots.timeMs)[row]}`;
      for (const member of members) json += member(rows, row);
      return Buffer.from(`${json}}`);
    },
  };
}

function numberOf(slot: number): Write {
  return (rows, row) => {
    const value = rows.numbers(slot)[row] as number;
    if (Number.isFinite(value)) return String(value);
    return Number.isNaN(value) ? 'null' : `"${value}"`;
  };
}

function valueOf(slot: number): Write {
  return (rows, row) => {
    const value = rows.values(slot)[row] ?? null;
    return value instanceof Uint8Array ? `"\\\\x${Buffer.from(value).toString('hex')}"` : JSON.stringify(value);
  };
}
