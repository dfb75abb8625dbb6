import type { Batch, Header, Lane } from '@penstock/pipeline';
import { headerNameOf } from './header-names.ts';
import type { FetchedRecord } from './port.ts';

/** Fetched records as a batch; keys, payloads and header values are views on the bytes as they came. */
export class KafkaBatch implements Batch {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly #records: readonly FetchedRecord[];
  /** Made when they are first asked for: a stage looks for the id, for the time, and hands them on. */
  readonly #headers: (readonly Header[])[] = [];

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
    let headers = this.#headers[row];
    if (headers === undefined) {
      headers = this.#record(row).headers.map(([name, value]) => [headerNameOf(name), value]);
      this.#headers[row] = headers;
    }
    return headers;
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
