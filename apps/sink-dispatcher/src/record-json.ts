import { type Decoder, type Field, isNumeric, Problem, Rows } from '@penstock/kernel';
import { createWireDecoder, type SchemaRegistry, schemaIdOf, unknownSchema } from '@penstock/schema';

/** A record as anybody can read it, or why that is not possible. */
export interface ReadRecord {
  /** The scalar fields at its top as a JSON object; empty when it could not be read. */
  readonly json: string;
  /** 0: none. */
  readonly schemaId: number;
  readonly problem: Problem | null;
}

export interface RecordReader {
  /** Waits for a schema that is new. A registry that cannot be asked is thrown; the fault of the record is told. */
  read(payload: Uint8Array | null): Promise<ReadRecord>;
}

interface Columns {
  readonly fields: readonly Field[];
  readonly rows: Rows;
  readonly decoder: Decoder;
}

const schemasMax = 200;

/** Reads records of any schema, each by the one that it was written with. */
export function createRecordReader(registry: SchemaRegistry): RecordReader {
  const known = new Map<number, Columns>();
  const columnsOf = async (schemaId: number): Promise<Columns> => {
    const found = known.get(schemaId) ?? (await compile(registry, schemaId));
    known.delete(schemaId);
    known.set(schemaId, found); // the one unused for longest goes first
    if (known.size > schemasMax) known.delete(known.keys().next().value as number);
    return found;
  };
  return {
    async read(payload) {
      if (payload === null) return { json: '', schemaId: 0, problem: null };
      let schemaId = 0;
      try {
        schemaId = schemaIdOf(payload);
        const columns = await columnsOf(schemaId);
        await columns.decoder.prepare(payload);
        return { json: jsonOf(columns, payload), schemaId, problem: null };
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.remedy === 'retry') throw thrown;
        return { json: '', schemaId, problem: thrown };
      }
    },
  };
}

async function compile(registry: SchemaRegistry, schemaId: number): Promise<Columns> {
  const schema = await registry.schema(schemaId);
  if (schema === null) throw unknownSchema(`the registry knows no schema ${schemaId}`, { facts: { schemaId } });
  const { fields } = schema.shape;
  const bindings = fields.map((field, slot) => ({ field, slot }));
  return { fields, rows: new Rows(fields), decoder: createWireDecoder(registry, bindings) };
}

function jsonOf({ fields, rows, decoder }: Columns, payload: Uint8Array): string {
  rows.reset(1);
  decoder.decode(payload, rows, 0);
  return JSON.stringify(Object.fromEntries(fields.map(({ name, type }, slot) => [name, valueOf(rows, slot, isNumeric(type))])));
}

/** Null stays null, bytes are Base64, as Protobuf's JSON has it. */
function valueOf(rows: Rows, slot: number, numeric: boolean): unknown {
  if (numeric) {
    const value = rows.numbers(slot)[0];
    return Number.isNaN(value) ? null : value;
  }
  const value = rows.values(slot)[0] ?? null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
