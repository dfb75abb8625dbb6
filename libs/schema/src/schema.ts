import { canonicalAvro } from './avro/canonical.ts';
import { printAvro } from './avro/print.ts';
import { type AvroSchema, parseAvroSchema } from './avro/schema.ts';
import { heldBy } from './held-by.ts';
import { canonicalJson, type JsonSchema, parseJsonSchema } from './json/schema.ts';
import { parseExactly } from './ordered-json.ts';
import { invalidSchema } from './problems.ts';
import { type ProtobufSchema, parseProtobufSchema } from './protobuf/schema.ts';
import type { Contract } from './rules/contract.ts';
import type { SchemaSource } from './schema-source.ts';

/** A parsed schema. `canonical` is equal for texts that mean the same; `shape` holds the scalar fields at its top. */
export type Schema = (ProtobufSchema | AvroSchema | JsonSchema) & {
  /** Absent: it has neither metadata nor rules. */
  readonly contract?: Contract;
  /** What its text refers to, where its records may be needed whole. */
  readonly imports?: ReadonlyMap<string, string>;
};

/** As in `parseSchema`, without judging the schema where its text alone says it. Throws `schema.invalid-schema`. */
export function canonicalOf(source: SchemaSource): string {
  if (source.format === 'PROTOBUF') return parseProtobufSchema(source).canonical;
  const json = parseExactly(source.text);
  return source.format === 'AVRO' ? canonicalAvro(json) : canonicalJson(json);
}

const stored = Symbol('stored');

/** The text that a registry stores of a schema: Avro in the one order in which Confluent's registry prints it, else as it was given. */
export function storedTextOf(schema: Schema): string {
  return schema.format === 'AVRO' ? heldBy(schema, stored, () => printAvro(schema.text, 'stored')) : schema.text;
}

/** The text that it stores when it is told to normalise. Throws `schema.invalid-schema`. */
export function normalTextOf(source: SchemaSource): string {
  return source.format === 'AVRO' ? printAvro(source.text, 'normal') : canonicalOf(source);
}

export const schemaLengthMax = 1_048_576;

/** Throws `schema.invalid-schema` or `schema.not-supported`. */
export function parseSchema(source: SchemaSource): Schema {
  const { format, text } = source;
  if (text.length > schemaLengthMax)
    throw invalidSchema(`expected a schema of at most ${schemaLengthMax} characters, got ${text.length}`);
  if (text.trim() === '') throw invalidSchema(`${format} schema: the text is empty`);
  const schema = parsers[format](source);
  const { contract, imports = new Map() } = source;
  if (contract === undefined) return imports.size === 0 ? schema : { ...schema, imports };
  return { ...schema, contract, imports };
}

const parsers = { PROTOBUF: parseProtobufSchema, AVRO: parseAvroSchema, JSON: parseJsonSchema } as const;
