import type { FetchedRecord, TopicPartition } from '@penstock/kafka';

/** A record of a topic with what it says about itself. */
export interface FoundRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its stamp (`ce_id`), else its place. */
  readonly id: string;
  /** The key's bytes as text, one character each: only ever compared. */
  readonly keyBytes: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Records [first, last] of a partition. */
export interface Stretch extends TopicPartition {
  readonly first: number;
  readonly last: number;
}

const text = new TextDecoder();

export function foundRecordOf({ topic, partition }: TopicPartition, record: FetchedRecord): FoundRecord {
  const headers = new Map(record.headers.map(([name, value]) => [text.decode(name), value === null ? '' : text.decode(value)]));
  return {
    topic,
    partition,
    offset: record.offset,
    id: headers.get('ce_id') ?? `${topic}/${partition}/${record.offset}`,
    keyBytes: Buffer.from(record.key ?? []).toString('latin1'),
    headers,
  };
}

export function placeOf({ topic, partition, offset }: FoundRecord): string {
  return `${topic}/${partition}/${offset}`;
}

/** `rooms.raw/2/1045` in its parts; null for anything else. */
export function parsePlace(place: string): (TopicPartition & { readonly offset: number }) | null {
  const match = /^(.+)\/(\d+)\/(\d+)$/.exec(place);
  return match === null ? null : { topic: match[1] as string, partition: Number(match[2]), offset: Number(match[3]) };
}

/** What an aggregate was made of; null for a record that is none. */
export function originOf({ headers }: FoundRecord): Stretch | null {
  const place = parsePlace(`${headers.get('penstock_from_lane')}/${headers.get('penstock_from_first')}`);
  if (place === null) return null;
  return { topic: place.topic, partition: place.partition, first: place.offset, last: Number(headers.get('penstock_from_last')) };
}

/** Where a dead letter was refused: its lane and position. Null for a record that is none. */
export function refusedAt({ headers }: FoundRecord): string | null {
  const lane = headers.get('penstock_lane');
  return lane === undefined ? null : `${lane}/${headers.get('penstock_position')}`;
}
