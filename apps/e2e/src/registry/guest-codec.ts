import { create, createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type Binding, type Clock, Rows, systemClock } from '@penstock/kernel';
import {
  createEncoder,
  createEncryptExecutors,
  createRestKeyring,
  createRestRegistry,
  createWireDecoder,
  type ProtobufSchema,
  parseSchema,
  type SchemaFormat,
  serialiseProtobufSchema,
} from '@penstock/schema';

/** Of whom only the room may be known to everybody. */
export interface Guest {
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

export interface GuestCodecOptions {
  readonly url: string;
  readonly topic: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

export interface GuestCodec {
  write(): Promise<Buffer>;
  read(payload: Uint8Array): Promise<Guest>;
}

/** Our codecs with the latest schema of a topic and the keys of its registry. */
export async function openGuestCodec({ url, topic, env, clock = systemClock }: GuestCodecOptions): Promise<GuestCodec> {
  const registry = createRestRegistry({ url });
  const subject = `${topic}-value`;
  const latest = await registry.latest(subject);
  if (latest === null) throw new Error(`nothing is registered for ${subject}`);
  const executors = createEncryptExecutors(createRestKeyring({ url, env, clock }));
  const bindings: Binding[] = latest.schema.shape.fields.map((field, slot) => ({ field, slot }));
  const encoder = createEncoder(latest.schema, bindings, { schemaId: latest.id, subject, executors });
  const decoder = createWireDecoder(registry, bindings, { subject, executors });
  const rows = new Rows(bindings.map(({ field }) => field));
  const values = (): unknown[] => bindings.map(({ slot }) => rows.values(slot)[0]);
  return {
    async write() {
      rows.reset(1);
      for (const [slot, name] of (['owner', 'badge', 'room'] as const).entries()) rows.values(slot)[0] = guest[name];
      await encoder.prepare?.(rows);
      return Buffer.from(encoder.encode(rows, 0));
    },
    async read(payload) {
      rows.reset(1);
      await decoder.prepare(payload);
      decoder.decode(payload, rows, 0);
      const [owner, badge, room] = values();
      return { owner: String(owner), badge: Buffer.from(badge as Uint8Array), room: String(room) };
    },
  };
}
