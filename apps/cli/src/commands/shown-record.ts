import type { dispatch } from '@penstock/contracts';

/** A record as it is printed, with `-o json` as it is. */
export interface ShownRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its stamp (`ce_id`), else topic/partition/offset. */
  readonly id: string;
  readonly key: string | null;
  readonly eventTimeMs: number;
  readonly arrivedAtMs: number;
  /** Its scalar fields; null for a tombstone and where it cannot be read. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly schemaId: number;
  /** Why it cannot be read, and its bytes. */
  readonly undecodable: { readonly code: string; readonly message: string; readonly payload: string | null } | null;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
}

const text = new TextDecoder('utf-8', { fatal: true });

export function shownRecordOf(record: dispatch.Record): ShownRecord {
  const { undecodable, json } = record;
  return {
    topic: record.topic,
    partition: record.partition,
    offset: Number(record.offset),
    id: record.id,
    key: shownBytes(record.key),
    eventTimeMs: Number(record.eventTimeMs),
    arrivedAtMs: Number(record.arrivedAtMs),
    value: json === '' ? null : (JSON.parse(json) as Record<string, unknown>),
    schemaId: record.schemaId,
    undecodable: undecodable === undefined ? null : { ...refusalOf(undecodable), payload: shownBytes(record.payload) },
    headers: record.headers.map(({ name, value }) => ({ name, value: shownBytes(value) })),
  };
}

function refusalOf({ code, message }: dispatch.Refusal): { readonly code: string; readonly message: string } {
  return { code, message };
}

/** Text as it is, other bytes in Base64. */
export function shownBytes(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  try {
    return text.decode(bytes);
  } catch {
    return `base64:${Buffer.from(bytes).toString('base64')}`;
  }
}
