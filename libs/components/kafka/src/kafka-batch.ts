import type { Batch, Header, Lane } from '@penstock/pipeline';
import type { FetchedRecord } from './port.ts';

const text = new TextDecoder();

/** Fetched records as a batch; keys, payloads and header values are views on the bytes as they came. */
export class KafkaBatch implements Batch {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly #records: readonly FetchedRecord[];

  constructor(lane: Lane, records: readonly FetchedRecord[], to: number) {
    this.lane = lane;
    this.from = records[0]?.offset ?? to;
    this.to = to;
    this.#records = records;
    let bytes = 0;
    for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
    this.bytes = bytes;
  }

  get length(): number {
    return this.#records.length;
  }

  key(row: number): Uint8Array | null {
    return this.#record(row).key;
  }

  payload(row: number): Uint8Array | null {
    return this.#record(row).value;
  }

  headers(row: number): readonly Header[] {
    return this.#record(row).headers.map(([name, value]) => [text.decode(name), value]);
  }

  position(row: number): number {
    return this.#record(row).offset;
  }

  arrivedAtMs(row: number): number {
    return this.#record(row).timestampMs;
  }

  #record(row: number): FetchedRecord {
    const record = this.#records[row];
    if (record === undefined) throw new RangeError(`${this.lane}: row ${row} of ${this.#records.length}`);
    return record;
  }
}
