import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { Schema } from '../schema.ts';
import { avroForm } from './avro-form.ts';
import { jsonForm } from './json-form.ts';
import type { RecordForm } from './passage.ts';

export function openRecordForm(schema: Schema): RecordForm {
  if (schema.format === 'PROTOBUF') return protobufForm(schema.message);
  return schema.format === 'AVRO' ? avroForm(schema) : jsonForm(schema);
}

function protobufForm(message: DescMessage): RecordForm {
  return {
    read: (body) => reflect(message, fromBinary(message, body)),
    write: (record) => toBinary(message, (record as { message: MessageShape<DescMessage> }).message),
  };
}
