import { createRegistry, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { isReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { ProtobufSchema } from '../protobuf/schema.ts';
import type { Schema } from '../schema.ts';
import { avroForm } from './avro-form.ts';
import { registryOf } from './cel-executors.ts';
import { jsonForm } from './json-form.ts';
import type { RecordForm } from './passage.ts';

export function openRecordForm(schema: Schema): RecordForm {
  if (schema.format === 'PROTOBUF') return protobufForm(schema);
  return schema.format === 'AVRO' ? avroForm(schema) : jsonForm(schema);
}

function protobufForm(schema: ProtobufSchema): RecordForm {
  const { message } = schema;
  const messageOf = (record: unknown) => {
    if (!isReflectMessage(record, message)) throw new TypeError(`expected a message ${message.typeName}`);
    return record.message;
  };
  const options = { registry: registryOf(schema) ?? createRegistry() };
  return {
    read: (body) => reflect(message, fromBinary(message, body)),
    write: (record) => toBinary(message, messageOf(record)),
    toJson: (record) => toJson(message, messageOf(record), { ...options, alwaysEmitImplicit: true }),
    fromJson: (json) => reflect(message, fromJson(message, json as JsonValue, options)),
  };
}
