/** The unit of order, ownership, state and parallelism: a topic partition (`rooms.raw/3`), an MQTT session, a file. */
export type Lane = string;

/** A record header. Names may repeat; their order is kept; values are bytes. */
export type Header = readonly [name: string, value: Uint8Array | null];

/**
 * What a source read from one lane, untouched until it is settled. Positions in a lane only grow: offsets, receive sequences,
 * byte offsets. A batch covers the positions [from, to); gaps are normal.
 */
export interface Batch {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  /** Rows. */
  readonly length: number;
  /** Bytes held in memory for as long as the batch is in flight. */
  readonly bytes: number;
  /** Views on the bytes as they were fetched: dead letters keep exactly these. */
  key(row: number): Uint8Array | null;
  payload(row: number): Uint8Array | null;
  headers(row: number): readonly Header[];
  position(row: number): number;
  /** When the record arrived in the lane (Kafka's timestamp), in milliseconds since the epoch. */
  arrivedAtMs(row: number): number;
}
