import avsc from 'avsc';
import { skipValue } from '../avro/skip.ts';
import type { Schema } from '../schema.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import type { RecordForm } from './passage.ts';

const types = new WeakMap<Schema, avsc.Type>();

/** The type that reads the records of a schema whole, and says where they have what. Throws where there is none. */
export function avroTypeOf(schema: Schema): avsc.Type {
  const known = types.get(schema) ?? openType(schema);
  types.set(schema, known);
  return known;
}

function openType({ text, imports }: Schema): avsc.Type {
  const named: Partial<avsc.ForSchemaOptions> = { registry: {}, typeHook: integersApart };
  const typeOf = (schema: string): avsc.Type => avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, named);
  for (const imported of imports?.values() ?? []) typeOf(imported);
  return typeOf(text);
}

/** CEL's integers are not its doubles: what the schema calls one is one. */
class IntegerType extends avsc.types.LogicalType {
  protected override _fromValue(value: number): bigint {
    return BigInt(value);
  }

  protected override _toValue(value: unknown): number | undefined {
    return isInteger(value) ? Number(value) : undefined;
  }
}

function isInteger(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** All of its 64 bits are kept. */
const longType = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: Number,
  isValid: (value: unknown) => isInteger(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value),
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

function integersApart(schema: avsc.Schema): avsc.Type | undefined {
  const name = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
  if (name === 'long') return longType;
  return name === 'int' ? new IntegerType({ type: 'int' }) : undefined;
}

/** Objects, lists, texts, doubles, bigints for integers, and buffers; of an ambiguous union `{ branch: value }`. */
export function avroForm(schema: Schema): RecordForm {
  const type = avroTypeOf(schema);
  return {
    read: (body) => {
      checkCounts(schema, body);
      return plain(type.fromBuffer(Buffer.from(body)));
    },
    write: (record) => type.toBuffer(record),
    toJson: withNumbers,
    fromJson: (json) => json, // integers are taken as numbers too
  };
}

/** The library makes a list as long as its count says before it sees what is there. Throws `schema.invalid-payload`. */
function checkCounts(schema: Schema, body: Uint8Array): void {
  if (schema.format !== 'AVRO') return;
  const reader = new ByteReader();
  reader.open(body, 0, body.length);
  skipValue(reader, schema.type, 0);
}

/** Integers as numbers, where these hold them exactly. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withNumbers);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNumbers(inner)]));
}

/** avsc answers objects of classes of its own; rules look at maps. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
