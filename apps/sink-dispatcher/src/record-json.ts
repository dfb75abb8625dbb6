import { type Decoder, type Field, isNumeric, Problem, Rows } from '@penstock/kernel';
import type { Header } from '@penstock/pipeline';
import {
  createWireDecoder,
  type NamedSchema,
  type RuleExecutor,
  type SchemaRegistry,
  schemaNameOf,
  unknownSchema,
  withHeaderFrame,
} from '@penstock/schema';

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
  read(payload: Uint8Array | null, headers: readonly Header[]): Promise<ReadRecord>;
}

interface Columns {
  readonly schemaId: number;
  readonly fields: readonly Field[];
  readonly rows: Rows;
  readonly decoder: Decoder;
}

const schemasMax = 200;

/** Whoever asks sees what is in Kafka: this service has no keys, and what is encrypted stays so. */
const leaveSealed: RuleExecutor = { type: 'ENCRYPT', open: () => ({ of: 'fields', waits: false, run: (value) => value }) };

/** Reads records of any schema, each by the one that it was written with. */
export function createRecordReader(registry: SchemaRegistry): RecordReader {
  const known = new Map<SchemaName, Columns>();
  const columnsOf = async (name: SchemaName): Promise<Columns> => {
    const found = known.get(name) ?? (await compile(registry, name));
    known.delete(name);
    known.set(name, found); // the one unused for longest goes first
    if (known.size > schemasMax) known.delete(known.keys().next().value as SchemaName);
    return found;
  };
  return {
    async read(bare, headers) {
      if (bare === null) return { json: '', schemaId: 0, problem: null };
      let schemaId = 0;
      try {
        const payload = withHeaderFrame(bare, headers);
        const name = schemaNameOf(payload);
        schemaId = typeof name === 'number' ? name : 0;
        const columns = await columnsOf(name);
        schemaId = columns.schemaId;
        await columns.decoder.prepare(payload);
        return { json: jsonOf(columns, payload), schemaId, problem: null };
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.remedy === 'retry') throw thrown;
        return { json: '', schemaId, problem: thrown };
      }
    },
  };
}

/** An id, or a GUID. */
type SchemaName = ReturnType<typeof schemaNameOf>;

async function compile(registry: SchemaRegistry, name: SchemaName): Promise<Columns> {
  const found = await find(registry, name);
  if (found === null) throw unknownSchema(`the registry knows no schema ${name}`, { facts: { schemaId: name } });
  const { fields } = found.schema.shape;
  const bindings = fields.map((field, slot) => ({ field, slot }));
  const decoder = createWireDecoder(registry, bindings, { executors: [leaveSealed] });
  return { schemaId: found.id ?? 0, fields, rows: new Rows(fields), decoder };
}

async function find(registry: SchemaRegistry, name: SchemaName): Promise<NamedSchema | null> {
  if (typeof name === 'string') return (await registry.byGuid?.(name)) ?? null;
  const schema = await registry.schema(name);
  return schema === null ? null : { id: name, schema };
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
