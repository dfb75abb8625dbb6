import { type Binding, type Encoder, type Field, Rows } from '@penstock/kernel';
import { createFateCounts, type Delivery, factFields, factSlots, type Output, type StateChange } from '@penstock/pipeline';
import pg from 'pg';
import { createPostgresEncoder } from '../encoder.ts';

/** One field of each type, for tests. */
export const fields: readonly Field[] = [
  { name: 'co2Ppm', type: 'number', nullable: true },
  { name: 'sequence', type: 'integer', nullable: false },
  { name: 'windowStartMs', type: 'time', nullable: true },
  { name: 'occupied', type: 'boolean', nullable: true },
  { name: 'room', type: 'string', nullable: true },
  { name: 'raw', type: 'bytes', nullable: true },
];

export const slots: readonly Field[] = [...factFields, ...fields];
export const bindings: readonly Binding[] = fields.map((field, index) => ({ field, slot: factFields.length + index }));

/** A row by its field names; what is absent is null. */
export type RoomRow = Readonly<Record<string, unknown>>;

export const eventTimeMs = Date.UTC(2026, 1, 11, 14, 48);

export function encode(id: string, row: RoomRow, encoder: Encoder = createPostgresEncoder(bindings)): Uint8Array {
  const rows = new Rows(slots);
  const at = rows.append(-1);
  rows.values(factSlots.id)[at] = id;
  rows.numbers(factSlots.timeMs)[at] = eventTimeMs;
  for (const { field, slot } of bindings) {
    const value = row[field.name];
    if (typeof value === 'number') rows.numbers(slot)[at] = value;
    else if (value !== undefined && value !== null) rows.values(slot)[at] = value;
  }
  return encoder.encode(rows, at);
}

export function outputOf(id: string, row: RoomRow = {}): Output {
  return { id, route: 'main', key: null, payload: encode(id, row), headers: [], eventTimeMs, cause: 0 };
}

export function deliveryOf(
  lane: string,
  [from, to]: readonly [number, number],
  { outputs = [], changes = [] }: { outputs?: readonly Output[]; changes?: readonly StateChange[] },
): Delivery {
  return { lane, from, to, outputs, changes, fates: createFateCounts({ forwarded: outputs.length }), refusals: [] };
}

/** Asks over a connection of its own. */
export async function ask<Row extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
