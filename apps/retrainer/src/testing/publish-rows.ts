import type { Publisher } from '@penstock/kafka';
import { type Field, Rows } from '@penstock/kernel';
import { stampOf } from '@penstock/pipeline';
import { createEncoder, type Schema } from '@penstock/schema';
import type { KeyedRow } from '../data/keyed-rows.ts';

export interface RowsToPublish {
  readonly route: string;
  readonly rows: readonly KeyedRow[];
  readonly schema: Schema;
  readonly schemaId: number;
  /** What the values of a row are, in their order: numbers, or booleans as 0 and 1. */
  readonly fields: readonly Field[];
}

const atATime = 1_000;

/** Publishes rows as the services do: in the wire format, with the event time in the stamp. */
export async function publishRows(publisher: Publisher, { route, rows, schema, schemaId, fields }: RowsToPublish): Promise<void> {
  const encoder = createEncoder(
    schema,
    fields.map((field, slot) => ({ field, slot })),
    schemaId,
  );
  const columns = new Rows(fields);
  const kind = { source: 'penstock/rooms/test', type: schema.shape.name };
  const outputs = rows.map(({ key, timeMs, values }) => {
    columns.reset(1);
    fields.forEach(({ type }, slot) => {
      if (type === 'boolean') columns.values(slot)[0] = values[slot] === 1;
      else columns.numbers(slot)[0] = values[slot] as number;
    });
    const id = `${route}/${key}/${timeMs}`;
    return { id, route, key: Buffer.from(key), payload: encoder.encode(columns, 0), headers: stampOf(kind, id, timeMs) };
  });
  for (let from = 0; from < outputs.length; from += atATime) await publisher.publish(outputs.slice(from, from + atATime));
}
