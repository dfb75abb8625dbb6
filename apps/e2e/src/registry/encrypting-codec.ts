import { type Binding, type Clock, isNumeric, Rows, systemClock } from '@penstock/kernel';
import {
  createEncoder,
  createEncryptExecutors,
  createRestKeyring,
  createRestRegistry,
  createWireDecoder,
} from '@penstock/schema';

export interface EncryptingCodecOptions {
  readonly url: string;
  readonly topic: string;
  /** Where the secrets of the KMS are. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

export interface EncryptingCodec {
  write(record: Readonly<Record<string, unknown>>): Promise<Buffer>;
  read(payload: Uint8Array): Promise<Record<string, unknown>>;
}

/** Our codecs with the latest schema of a topic and the keys of its registry. */
export async function openEncryptingCodec(options: EncryptingCodecOptions): Promise<EncryptingCodec> {
  const { url, topic, env, clock = systemClock } = options;
  const registry = createRestRegistry({ url });
  const subject = `${topic}-value`;
  const latest = await registry.latest(subject);
  if (latest === null) throw new Error(`nothing is registered for ${subject}`);
  const executors = createEncryptExecutors(createRestKeyring({ url, env, clock }));
  const bindings: Binding[] = latest.schema.shape.fields.map((field, slot) => ({ field, slot }));
  const encoder = createEncoder(latest.schema, bindings, { schemaId: latest.id, subject, executors });
  const decoder = createWireDecoder(registry, bindings, { subject, executors });
  const rows = new Rows(bindings.map(({ field }) => field));
  const valueAt = ({ field, slot }: Binding): unknown => (isNumeric(field.type) ? rows.numbers(slot)[0] : rows.values(slot)[0]);
  return {
    async write(record) {
      rows.reset(1);
      for (const { field, slot } of bindings) {
        if (isNumeric(field.type)) rows.numbers(slot)[0] = record[field.name] as number;
        else rows.values(slot)[0] = record[field.name];
      }
      await encoder.prepare?.(rows);
      return Buffer.from(encoder.encode(rows, 0));
    },
    async read(payload) {
      rows.reset(1);
      await decoder.prepare(payload);
      decoder.decode(payload, rows, 0);
      return Object.fromEntries(bindings.map((binding) => [binding.field.name, valueAt(binding)]));
    },
  };
}
