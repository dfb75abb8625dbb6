import { type Binding, Rows } from '@penstock/kernel';
import { createEncoder, createRestRegistry, createWireDecoder, type SchemaVersion } from '@penstock/schema';

/** What the records hold that clients and codecs exchange. */
export interface PlainReading {
  readonly deviceId: string;
  readonly sequence: number;
  readonly co2Ppm: number;
}

/** A reading that another client writes, and one that our codecs write. */
export const theirs: PlainReading = { deviceId: 'co2-7', sequence: 9_007_199_254_740, co2Ppm: 415.25 };
export const ours: PlainReading = { deviceId: 'co2-8', sequence: 77, co2Ppm: 1_200.5 };

async function latestOf(url: string, subject: string): Promise<{ latest: SchemaVersion; bindings: Binding[]; rows: Rows }> {
  const latest = await createRestRegistry({ url }).latest(subject);
  if (latest === null) throw new Error(`nothing is registered for ${subject}`);
  const bindings: Binding[] = latest.schema.shape.fields.map((field, slot) => ({ field, slot }));
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  return { latest, bindings, rows };
}

/** A reading as our encoder writes it with the latest schema of a subject. */
export async function encodeReading(url: string, subject: string, reading: PlainReading): Promise<Buffer> {
  const { latest, bindings, rows } = await latestOf(url, subject);
  rows.values(0)[0] = reading.deviceId;
  rows.numbers(1)[0] = reading.sequence;
  rows.numbers(2)[0] = reading.co2Ppm;
  return Buffer.from(createEncoder(latest.schema, bindings, latest.id).encode(rows, 0));
}

/** What our decoder reads from a record of somebody else's. */
export function decodeReading(url: string, subject: string, bytes: Buffer): Promise<PlainReading> {
  return decodeRecord(url, subject, { bytes, headers: {} });
}

/** The same, of a record that may name its schema in a header. */
export async function decodeRecord(
  url: string,
  subject: string,
  { bytes, headers }: { readonly bytes: Buffer; readonly headers: Readonly<Record<string, Buffer>> },
): Promise<PlainReading> {
  const { bindings, rows } = await latestOf(url, subject);
  const decoder = createWireDecoder(createRestRegistry({ url }), bindings);
  const payload = decoder.framed?.(bytes, Object.entries(headers)) ?? bytes;
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return { deviceId: String(rows.values(0)[0]), sequence: Number(rows.numbers(1)[0]), co2Ppm: Number(rows.numbers(2)[0]) };
}
