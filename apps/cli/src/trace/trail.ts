import { type FoundRecord, originOf, placeOf, refusedAt } from './found-record.ts';

/** All that is known so far of one record's way: by which ids it goes, and where it lies. */
export class Trail {
  readonly #ids: Set<string>;
  /** Key by place of what was found, for aggregates that it went into. */
  readonly #places = new Map<string, FoundRecord>();
  readonly found: FoundRecord[] = [];

  constructor(id: string) {
    this.#ids = new Set([id]);
  }

  /** Takes a record that belongs to the trail. */
  add(record: FoundRecord): void {
    const place = placeOf(record);
    if (this.#places.has(place)) return;
    this.#places.set(place, record);
    this.#ids.add(record.id);
    this.found.push(record);
  }

  /** True when the record is the one that is followed, was made of it, or is its dead letter. */
  leadsTo(record: FoundRecord): boolean {
    if (this.#ids.has(record.id) || this.#ids.has(placeOf(record))) return true;
    const refused = refusedAt(record);
    if (refused !== null) return this.#places.has(refused);
    return this.#wentInto(record);
  }

  #wentInto(record: FoundRecord): boolean {
    const origin = originOf(record);
    if (origin === null) return false;
    return this.found.some(
      ({ topic, partition, offset, keyBytes }) =>
        topic === origin.topic &&
        partition === origin.partition &&
        offset >= origin.first &&
        offset <= origin.last &&
        keyBytes === record.keyBytes,
    );
  }

  inTopic(topic: string): FoundRecord[] {
    return this.found.filter((record) => record.topic === topic);
  }
}
