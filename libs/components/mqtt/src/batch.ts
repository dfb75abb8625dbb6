import type { Problem } from '@penstock/kernel';
import type { Batch, Header, Lane } from '@penstock/pipeline';
import { type Topic, topicHeader } from './topics.ts';

/** One publish, as it is held until it is settled. */
export interface MqttRow {
  readonly topic: Topic;
  readonly headers: readonly Header[];
  readonly payload: Uint8Array;
  readonly arrivedAtMs: number;
  /** Memory that the row keeps alive. */
  readonly bytes: number;
  /** Why this row must be refused, whatever its bytes say. */
  readonly problem: Problem | null;
}

/** Publishes of one session in the order of receipt. The key is the topic; the topic is the first header as well. */
export class MqttBatch implements Batch {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly bytes: number;
  readonly #rows: readonly MqttRow[];

  constructor(lane: Lane, from: number, rows: readonly MqttRow[]) {
    this.lane = lane;
    this.from = from;
    this.to = from + rows.length;
    this.length = rows.length;
    this.bytes = rows.reduce((bytes, row) => bytes + row.bytes, 0);
    this.#rows = rows;
  }

  key(row: number): Uint8Array {
    return this.#at(row).topic.bytes;
  }

  payload(row: number): Uint8Array {
    return this.#at(row).payload;
  }

  headers(row: number): readonly Header[] {
    const { topic, headers } = this.#at(row);
    return [topic.header, ...headers];
  }

  position(row: number): number {
    return this.from + row;
  }

  arrivedAtMs(row: number): number {
    return this.#at(row).arrivedAtMs;
  }

  /** Why the source itself refuses this row: too large, or of a forgotten subscription. Null for nearly all. */
  problem(row: number): Problem | null {
    return this.#at(row).problem;
  }

  topic(row: number): Topic {
    return this.#at(row).topic;
  }

  #at(row: number): MqttRow {
    const found = this.#rows[row];
    if (found === undefined) throw new RangeError(`row ${row} of a batch of ${this.length}`);
    return found;
  }
}

/** The topic of a row, whichever way the batch came: null for rows that did not come by MQTT. */
export function topicOf(batch: Batch, row: number): string | null {
  if (batch instanceof MqttBatch) return batch.topic(row).name;
  const header = batch.headers(row).find(([name]) => name === topicHeader);
  return header?.[1] ? Buffer.from(header[1]).toString('utf8') : null;
}

/** The levels of a row's topic: `topic[1]` in a document is the second of them. Empty for rows that did not come by MQTT. */
export function topicLevelsOf(batch: Batch, row: number): readonly string[] {
  if (batch instanceof MqttBatch) return batch.topic(row).levels;
  return topicOf(batch, row)?.split('/') ?? [];
}

/** Why the source refuses a row; null where it does not, and for batches of other sources. */
export function refusalOf(batch: Batch, row: number): Problem | null {
  return batch instanceof MqttBatch ? batch.problem(row) : null;
}
