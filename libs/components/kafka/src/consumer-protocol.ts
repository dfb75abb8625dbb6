import type { TopicPartition } from './port.ts';
import { groupByTopic } from './wire.ts';

/**
 * What members of a consumer group tell each other through the coordinator: ConsumerProtocolSubscription, version 1, and
 * ConsumerProtocolAssignment, version 0 (KIP-429), so that Kafka's own tools show who reads what.
 */
export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
}

export function encodeSubscription({ topics, owned }: Subscription): Buffer {
  const parts = [int16(1), int32(topics.length), ...topics.map(string), int32(-1), partitionList(owned)];
  return Buffer.concat(parts);
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new Reader(bytes);
  const version = reader.int16();
  const topics = reader.list(() => reader.string());
  reader.skip(Math.max(0, reader.int32())); // user data
  return { topics, owned: version >= 1 ? reader.partitions() : [] };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return Buffer.concat([int16(0), partitionList(partitions), int32(-1)]);
}

/** An empty answer assigns nothing. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes);
  reader.int16();
  return reader.partitions();
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function partitionList(partitions: readonly TopicPartition[]): Buffer {
  const topics = [...groupByTopic(partitions)];
  const each = topics.map(([topic, own]) =>
    Buffer.concat([string(topic), int32(own.length), ...own.map(({ partition }) => int32(partition))]),
  );
  return Buffer.concat([int32(topics.length), ...each]);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): void {
    this.#at += count;
  }

  int16(): number {
    this.skip(2);
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.skip(4);
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  string(): string {
    const length = this.int16();
    this.skip(length);
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  list<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(read());
    return items;
  }

  partitions(): TopicPartition[] {
    return this.list(() => {
      const topic = this.string();
      return this.list(() => ({ topic, partition: this.int32() }));
    }).flat();
  }
}
