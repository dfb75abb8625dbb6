import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import type { Schema } from '../schema.ts';
import { avroForm } from './avro-form.ts';
import type { RecordForm } from './passage.ts';

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

function protobufForm(message: DescMessage): RecordForm {
  return {
    read: (body) => reflect(message, fromBinary(message, body)),
    write: (record) => toBinary(message, (record as { message: MessageShape<DescMessage> }).message),
  };
}
