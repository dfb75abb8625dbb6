import type { ingest } from '@penstock/contracts';
import type { Decoder, Problem, Rows } from '@penstock/kernel';
import type { Batch, Header, Lane } from '@penstock/pipeline';
import { noPayload, otherFormat, reservedHeader } from './problems.ts';

/** Names that this pipe gives a meaning. */
const reserved = /^(ce_|mqtt_|penstock_|__connect\.|__(key|value)_schema_id$)/;

export interface RecordBatchParts {
  readonly lane: Lane;
  readonly from: number;
  readonly arrivedAtMs: number;
  /** The span of the call, for records that name none of their own. */
  readonly trace: Header | null;
}

/** The records of one request, as a stage takes them. */
export class RecordBatch implements Batch {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly bytes: number;
  readonly records: readonly ingest.Record[];
  readonly #parts: RecordBatchParts;

  constructor(records: readonly ingest.Record[], parts: RecordBatchParts) {
    this.lane = parts.lane;
    this.from = parts.from;
    this.to = parts.from + records.length;
    this.length = records.length;
    this.bytes = bytesOf(records);
    this.records = records;
    this.#parts = parts;
  }

  key(row: number): Uint8Array | null {
    const { topic } = this.record(row);
    return topic === '' ? null : Buffer.from(topic);
  }

  payload(row: number): Uint8Array | null {
    return this.record(row).payload?.value ?? null;
  }

  headers(row: number): readonly Header[] {
    const { trace } = this.#parts;
    const headers = this.record(row).headers.map(({ name, value }): Header => [name, value]);
    if (trace === null || headers.some(([name]) => name === trace[0])) return headers;
    return [...headers, trace];
  }

  position(row: number): number {
    return this.from + row;
  }

  arrivedAtMs(): number {
    return this.#parts.arrivedAtMs;
  }

  record(row: number): ingest.Record {
    const found = this.records[row];
    if (found === undefined) throw new RangeError(`row ${row} of a batch of ${this.length}`);
    return found;
  }
}

/** Memory that records hold, about. */
export function bytesOf(records: readonly ingest.Record[]): number {
  let bytes = 0;
  for (const { payload, topic, headers } of records) {
    bytes += (payload?.value.length ?? 0) + topic.length;
    for (const { name, value } of headers) bytes += name.length + value.length;
  }
  return bytes;
}

/** Why a record is refused before its payload is looked at. */
export function refusalOf({ payload, headers }: ingest.Record, takesProtobuf: boolean): Problem | null {
  if (payload === undefined) return noPayload('payload: expected json or protobuf, got neither');
  if (payload.$case === 'protobuf' && !takesProtobuf) {
    return otherFormat("payload.protobuf: the schema of this stage is not Protobuf's, publish json");
  }
  const taken = headers.find(({ name }) => reserved.test(name));
  if (taken === undefined) return null;
  return reservedHeader(`headers: ${taken.name} has a meaning here, choose another name`, { facts: { header: taken.name } });
}

export interface RecordDecoders {
  /** JSON whose topic says what the document takes from it. */
  readonly published: Decoder;
  /** JSON that says everything itself. */
  readonly whole: Decoder;
  /** Null: the stage's schema is of another format. */
  readonly protobuf: Decoder | null;
}

/** Reads each record of the batch in hand in its own format. */
export class RecordDecoder implements Decoder {
  readonly #decoders: RecordDecoders;
  #batch: RecordBatch | null = null;

  constructor(decoders: RecordDecoders) {
    this.#decoders = decoders;
  }

  get takesProtobuf(): boolean {
    return this.#decoders.protobuf !== null;
  }

  take(batch: RecordBatch): void {
    this.#batch = batch;
  }

  prepare(): null {
    return null;
  }

  decode(payload: Uint8Array, rows: Rows, row: number): void {
    const record = this.#batch?.record(row);
    const { published, whole, protobuf } = this.#decoders;
    const decoder = record?.payload?.$case === 'protobuf' ? protobuf : record?.topic === '' ? whole : published;
    decoder?.decode(payload, rows, row);
  }
}
