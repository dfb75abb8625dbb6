import { create, createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type ProtobufSchema, parseSchema, type SchemaFormat, serialiseProtobufSchema } from '@penstock/schema';

/** Of whom only the room may be known to everybody. */
export interface Guest extends Readonly<Record<string, unknown>> {
  readonly owner: string;
  readonly badge: Uint8Array;
  readonly room: string;
}

export const guest: Guest = { owner: 'Ada Lovelace', badge: Buffer.from('badge 1815'), room: 'attic' };

/** Owner and badge are tagged `PII`. JSON has no bytes: there the badge is text in base64. */
export const guestTexts: Readonly<Record<SchemaFormat, string>> = {
  AVRO: JSON.stringify({
    type: 'record',
    name: 'Guest',
    namespace: 'rooms',
    fields: [
      { name: 'owner', type: 'string', 'confluent:tags': ['PII'] },
      { name: 'badge', type: 'bytes', 'confluent:tags': ['PII'] },
      { name: 'room', type: 'string' },
    ],
  }),
  JSON: JSON.stringify({
    type: 'object',
    title: 'Guest',
    required: ['owner', 'badge', 'room'],
    properties: {
      owner: { type: 'string', 'confluent:tags': ['PII'] },
      badge: { type: 'string', contentEncoding: 'base64', 'confluent:tags': ['PII'] },
      room: { type: 'string' },
    },
  }),
  PROTOBUF: `syntax = "proto3"; package rooms; import "confluent/meta.proto";
message Guest {
  string owner = 1 [(confluent.field_meta).tags = "PII"];
  bytes badge = 2 [(confluent.field_meta).tags = "PII"];
  string room = 3;
}`,
};

export const guestDescriptor = compiled(guestTexts.PROTOBUF);

/** As a compiler describes it to a client: the tags are in the options. */
function compiled(text: string): DescMessage {
  const schema = parseSchema({ format: 'PROTOBUF', text }) as ProtobufSchema;
  const proto = fromBinary(FileDescriptorProtoSchema, Buffer.from(serialiseProtobufSchema(schema), 'base64'));
  const message = createFileRegistry(proto, (name) =>
    schema.file.dependencies.find((each) => each.proto.name === name),
  ).getMessage('rooms.Guest');
  if (message === undefined) throw new TypeError('there is no rooms.Guest');
  return message;
}

/** A guest as a client of the format takes it. */
export function given(format: SchemaFormat): object {
  if (format === 'PROTOBUF') return create(guestDescriptor, guest as never);
  return format === 'AVRO' ? { ...guest } : { ...guest, badge: Buffer.from(guest.badge).toString('base64') };
}

/** A guest as a client of the format answers it. */
export function plainGuest(read: unknown): Guest {
  const { owner, badge, room } = read as { owner: string; badge: Uint8Array | string; room: string };
  return { owner, badge: typeof badge === 'string' ? Buffer.from(badge, 'base64') : Buffer.from(badge), room };
}
