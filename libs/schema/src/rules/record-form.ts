import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import avsc from 'avsc';
import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import type { Schema } from '../schema.ts';

/** A record as rules see it, whole: what columns leave out is there too. */
export interface RecordForm {
  read(body: Uint8Array): unknown;
  /** What was read, changed or not. Throws where it is no record of the schema any more. */
  write(record: unknown): Uint8Array;
}

export function openRecordForm(schema: Schema): RecordForm {
  if (schema.format === 'PROTOBUF') return protobufForm(schema.message);
  return schema.format === 'AVRO' ? avroForm(schema) : jsonForm(schema);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function jsonForm({ validator }: JsonSchema): RecordForm {
  return {
    read: (body) => JSON.parse(utf8.decode(body)),
    write: (record) => {
      if (!isObject(record)) throw new TypeError(`expected an object, got ${JSON.stringify(record)}`);
      const complaint = validator?.(record) ?? null;
      if (complaint !== null) throw new TypeError(`${complaint.field} ${complaint.message}`);
      return Buffer.from(JSON.stringify(record));
    },
  };
}

function avroForm({ text, imports }: Schema): RecordForm {
  const named: Partial<avsc.ForSchemaOptions> = { registry: {}, typeHook: integersApart };
  const typeOf = (schema: string): avsc.Type => avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, named);
  for (const imported of imports?.values() ?? []) typeOf(imported);
  const type = typeOf(text);
  return { read: (body) => plain(type.fromBuffer(Buffer.from(body))), write: (record) => type.toBuffer(record) };
}

/** CEL's integers are not its doubles: what the schema calls one is one. */
class IntegerType extends avsc.types.LogicalType {
  protected override _fromValue(value: number): bigint {
    return BigInt(value);
  }

  protected override _toValue(value: bigint | number): number {
    return Number(value);
  }
}

function integersApart(schema: avsc.Schema): avsc.Type | undefined {
  const name = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
  return name === 'int' || name === 'long' ? new IntegerType({ type: name }) : undefined;
}

/** avsc answers objects of classes of its own; rules look at maps. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function protobufForm(message: DescMessage): RecordForm {
  return {
    read: (body) => reflect(message, fromBinary(message, body)),
    write: (record) => toBinary(message, (record as { message: MessageShape<DescMessage> }).message),
  };
}
