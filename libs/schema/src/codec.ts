import { type Binding, type Decoder, type Encoder, Problem, type Rows, rowFate } from '@penstock/kernel';
import { compileAvroDecoder } from './avro/decoder.ts';
import { compileAvroEncoder } from './avro/encoder.ts';
import { compileJsonDecoder, type UnknownFields } from './json/decoder.ts';
import { compileJsonEncoder } from './json/encoder.ts';
import { compileProtobufDecoder } from './protobuf/decoder.ts';
import { compileProtobufEncoder } from './protobuf/encoder.ts';
import { messageIndexPath } from './protobuf/message-index.ts';
import { type CompiledRules, compileRules, type RuleSurroundings } from './rules/apply-rules.ts';
import type { Awaitable } from './rules/executor.ts';
import { compileMigration, type Migration } from './rules/migrate.ts';
import { atOnce, Prepared } from './rules/prepared.ts';
import type { Schema } from './schema.ts';
import type { DecodeBody } from './wire/column-code.ts';
import { frameOf } from './wire/frame.ts';

export interface DecoderOptions extends RuleSurroundings {
  /** JSON only: what happens to fields that the schema does not name. */
  readonly unknownFields?: UnknownFields;
  /** Avro only: the schema that the columns come from; its aliases and defaults stand in for what the writer lacks. */
  readonly reader?: Schema | null;
}

export interface EncoderOptions extends RuleSurroundings {
  /** The id that stands in the frame; null: bare records. */
  readonly schemaId: number | null;
}

/** A decoder of one schema, compiled. `prepare` is null where its rules, if any, are never waited for. */
export interface CompiledDecoder {
  readonly decode: DecodeBody;
  readonly prepare: Decoder['prepare'] | null;
}

/** Reads bare records, without the wire format's frame. Throws `schema.unfit-column` when the columns are not the schema's. */
export function createDecoder(schema: Schema, bindings: readonly Binding[], options: DecoderOptions = {}): Decoder {
  const { decode, prepare } = compileDecoder(schema, bindings, options);
  return { prepare: prepare ?? (() => null), decode };
}

/** Writes records in Confluent's wire format under `schemaId`, or bare ones when it is null. What it answers stays valid. */
export function createEncoder(schema: Schema, bindings: readonly Binding[], to: number | null | EncoderOptions): Encoder {
  const options = typeof to === 'object' && to !== null ? to : { schemaId: to };
  const indexes = schema.format === 'PROTOBUF' ? messageIndexPath(schema.message) : null;
  const frame = options.schemaId === null ? new Uint8Array(0) : frameOf(options.schemaId, indexes);
  const encode = compileEncoder(schema, bindings, frame);
  const rules = compileRules(schema, 'WRITE', options);
  if (rules === null) return { encode };
  const encoded: Encoder['encode'] = (rows, row) => discreetly(rules, () => encode(rows, row));
  const written: RuledEncode = (rows, row) => underFrame(encoded(rows, row), frame.length, rules);
  return rules.waits ? preparedEncoder(written) : { encode: (rows, row) => atOnce(written(rows, row)) };
}

type RuledEncode = (rows: Rows, row: number) => Awaitable<Uint8Array>;

/** Runs the rules of the rows that flow before they are written. Lanes share an encoder, so that outcomes are kept by their rows. */
function preparedEncoder(written: RuledEncode): Encoder {
  const byRows = new WeakMap<Rows, Prepared<number>>();
  return {
    prepare(rows) {
      const prepared = new Prepared<number>(new Map());
      byRows.set(rows, prepared);
      return prepareFrom(rows, 0, (row) => prepared.keep(row, () => written(rows, row)));
    },
    encode: (rows, row) => byRows.get(rows)?.take(row) ?? atOnce(written(rows, row)),
  };
}

function prepareFrom(rows: Rows, first: number, keep: (row: number) => Promise<void> | null): Promise<void> | null {
  for (let row = first; row < rows.length; row += 1) {
    if (rows.fate[row] !== rowFate.flowing) continue;
    const waiting = keep(row);
    if (waiting !== null) return waiting.then(() => prepareFrom(rows, row + 1, keep) ?? undefined);
  }
  return null;
}

function compileEncoder(schema: Schema, bindings: readonly Binding[], frame: Uint8Array): Encoder['encode'] {
  if (schema.format === 'PROTOBUF') return compileProtobufEncoder(schema.message, bindings, frame);
  if (schema.format === 'AVRO') return compileAvroEncoder(schema, bindings, frame);
  return compileJsonEncoder(schema, bindings, frame);
}

/** A payload with the record that begins at `start` as its rules leave it. */
function underFrame(payload: Uint8Array, start: number, rules: CompiledRules): Awaitable<Uint8Array> {
  const body = payload.subarray(start);
  const framed = (changed: Uint8Array): Uint8Array =>
    changed === body ? payload : Buffer.concat([payload.subarray(0, start), changed]);
  const changed = rules.run(body);
  return changed instanceof Promise ? changed.then(framed) : framed(changed);
}

/** Reads records that begin at the byte `start` of their payload. */
export function compileDecoder(
  schema: Schema,
  bindings: readonly Binding[],
  options: DecoderOptions & { readonly start?: number },
): CompiledDecoder {
  const decode = compileColumns(schema, bindings, options);
  const rules = compileRules(schema, 'READ', options);
  if (rules === null) return { decode, prepare: null };
  return ruledDecoder(decode, rules, options.start ?? 0);
}

/** Reads records of a migration's writer as its reader does. */
export function compileMigratingDecoder(
  migration: Migration,
  bindings: readonly Binding[],
  options: DecoderOptions & { readonly start: number },
): CompiledDecoder {
  const columns = compileColumns(migration.reader, bindings, { ...options, reader: null });
  return ruledDecoder(columns, compileMigration(migration, options), options.start);
}

function ruledDecoder(decode: DecodeBody, rules: CompiledRules, start: number): CompiledDecoder {
  const run = (payload: Uint8Array): Awaitable<Uint8Array> => underFrame(payload, start, rules);
  if (!rules.waits) return { decode: ruledDecode(decode, rules, (payload) => atOnce(run(payload))), prepare: null };
  const prepared = new Prepared<Uint8Array>(new WeakMap());
  return {
    decode: ruledDecode(decode, rules, (payload) => prepared.take(payload) ?? atOnce(run(payload))),
    prepare: (payload) => (prepared.has(payload) ? null : prepared.keep(payload, () => run(payload))),
  };
}

function ruledDecode(decode: DecodeBody, rules: CompiledRules, ruled: (payload: Uint8Array) => Uint8Array): DecodeBody {
  return (payload, rows, row) => {
    let changed: Uint8Array;
    try {
      changed = ruled(payload);
    } catch (thrown) {
      if (!rules.ofBytes) decode(payload, rows, row); // what is wrong with the bytes themselves goes first
      throw thrown;
    }
    discreetly(rules, () => decode(changed, rows, row));
  };
}

/** A codec names the value that it cannot take: of what is encrypted in Kafka only the field is told. */
function discreetly<Result>({ isSecret }: CompiledRules, code: () => Result): Result {
  try {
    return code();
  } catch (thrown) {
    if (!isSecret || !(thrown instanceof Problem)) throw thrown;
    const { field } = thrown.facts;
    const message = `${field ?? 'the record'}: ${thrown.code}, and why is not told of what is encrypted`;
    throw new Problem(thrown.kind, message, { facts: field === undefined ? {} : { field } });
  }
}

function compileColumns(
  schema: Schema,
  bindings: readonly Binding[],
  { unknownFields = 'ignore', reader = null, start = 0 }: DecoderOptions & { readonly start?: number },
): DecodeBody {
  if (schema.format === 'PROTOBUF') return compileProtobufDecoder(schema.message, bindings, start);
  if (schema.format === 'JSON') return compileJsonDecoder(schema, bindings, { unknownFields, start });
  return compileAvroDecoder(schema, bindings, { reader: reader?.format === 'AVRO' ? reader : null, start });
}
