import type { Binding, Decoder, Encoder } from '@penstock/kernel';
import { compileAvroDecoder } from './avro/decoder.ts';
import { compileAvroEncoder } from './avro/encoder.ts';
import { compileJsonDecoder, type UnknownFields } from './json/decoder.ts';
import { compileJsonEncoder } from './json/encoder.ts';
import { compileProtobufDecoder } from './protobuf/decoder.ts';
import { compileProtobufEncoder } from './protobuf/encoder.ts';
import { messageIndexPath } from './protobuf/message-index.ts';
import { type ApplyRules, compileRules } from './rules/apply-rules.ts';
import type { Schema } from './schema.ts';
import type { DecodeBody } from './wire/column-code.ts';
import { frameOf } from './wire/frame.ts';

export interface DecoderOptions {
  /** JSON only: what happens to fields that the schema does not name. */
  readonly unknownFields?: UnknownFields;
  /** Avro only: the schema that the columns come from; its aliases and defaults stand in for what the writer lacks. */
  readonly reader?: Schema | null;
}

/** Reads bare records, without the wire format's frame. Throws `schema.unfit-column` when the columns are not the schema's. */
export function createDecoder(schema: Schema, bindings: readonly Binding[], options: DecoderOptions = {}): Decoder {
  return { prepare: () => null, decode: compileDecoder(schema, bindings, options) };
}

/** Writes records in Confluent's wire format under `schemaId`, or bare ones when it is null. What it answers stays valid. */
export function createEncoder(schema: Schema, bindings: readonly Binding[], schemaId: number | null): Encoder {
  const indexes = schema.format === 'PROTOBUF' ? messageIndexPath(schema.message) : null;
  const frame = schemaId === null ? new Uint8Array(0) : frameOf(schemaId, indexes);
  const encode = compileEncoder(schema, bindings, frame);
  const apply = schema.contract === undefined ? null : compileRules(schema, schema.contract, 'WRITE');
  if (apply === null) return { encode };
  return { encode: (rows, row) => underFrame(encode(rows, row), frame.length, apply) };
}

function compileEncoder(schema: Schema, bindings: readonly Binding[], frame: Uint8Array): Encoder['encode'] {
  if (schema.format === 'PROTOBUF') return compileProtobufEncoder(schema.message, bindings, frame);
  if (schema.format === 'AVRO') return compileAvroEncoder(schema, bindings, frame);
  return compileJsonEncoder(schema, bindings, frame);
}

/** A payload with the record that begins at `start` as its rules leave it. */
function underFrame(payload: Uint8Array, start: number, apply: ApplyRules): Uint8Array {
  const body = payload.subarray(start);
  const changed = apply(body);
  return changed === body ? payload : Buffer.concat([payload.subarray(0, start), changed]);
}

/** Reads records that begin at the byte `start` of their payload. */
export function compileDecoder(
  schema: Schema,
  bindings: readonly Binding[],
  options: DecoderOptions & { readonly start?: number },
): DecodeBody {
  const decode = compileColumns(schema, bindings, options);
  const apply = schema.contract === undefined ? null : compileRules(schema, schema.contract, 'READ');
  if (apply === null) return decode;
  const { start = 0 } = options;
  return (payload, rows, row) => {
    let changed: Uint8Array;
    try {
      changed = underFrame(payload, start, apply);
    } catch (thrown) {
      decode(payload, rows, row); // what is wrong with the bytes themselves goes first
      throw thrown;
    }
    decode(changed, rows, row);
  };
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
