import { endOf, type Kafka, kafkaProblems, offsetsOf, readRange, type TopicPartition } from '@penstock/kafka';
import type { KeyedRow, KeyedRowReader } from '../data/keyed-rows.ts';
import type { ResumeAt } from '../data/read-dataset.ts';

/** A topic that is read along, and who takes its rows. */
export interface ReadTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly reader: KeyedRowReader;
  take(row: KeyedRow): void;
}

export interface TopicRoundsOptions {
  readonly kafka: Kafka;
  readonly topics: readonly ReadTopic[];
  readonly resume: readonly ResumeAt[];
  /** Records that are gone before they were read: what comes after them is read. */
  deleted(at: TopicPartition): void;
}

interface Place extends TopicPartition {
  readonly topicRead: ReadTopic;
  /** Null: from the start. */
  next: number | null;
}

const recordsARound = 20_000;

/**
 * Reads topics along without a consumer group: each round goes to where the topics end when it begins. After a round that got
 * there, whatever is missing is late, and not just unread.
 */
export class TopicRounds {
  readonly #options: TopicRoundsOptions;
  readonly #places: readonly Place[];

  constructor(options: TopicRoundsOptions) {
    this.#options = options;
    this.#places = options.topics.flatMap((topicRead) =>
      Array.from({ length: topicRead.partitions }, (_, partition) => {
        const known = options.resume.find((at) => at.topic === topicRead.topic && at.partition === partition);
        return { topic: topicRead.topic, partition, topicRead, next: known?.offset ?? null };
      }),
    );
  }

  /** True when nothing was left to read. Throws outages; the next round goes on where this one got to. */
  async read(signal: AbortSignal): Promise<boolean> {
    const ends = await offsetsOf(this.#options.kafka, this.#places, 'latest');
    const reached = await Promise.all(this.#places.map((place, index) => this.#readTo(place, ends[index]?.offset ?? 0, signal)));
    return reached.every(Boolean);
  }

  async #readTo(place: Place, end: number, signal: AbortSignal): Promise<boolean> {
    const { kafka } = this.#options;
    place.next ??= await endOf(kafka, place, 'earliest');
    const to = Math.min(end, place.next + recordsARound);
    try {
      if (place.next < to) await this.#take(place, to, signal);
    } catch (thrown) {
      if (!kafkaProblems.deletedUnread.caused(thrown)) throw thrown;
      this.#options.deleted({ topic: place.topic, partition: place.partition });
      place.next = null;
      return false;
    }
    return to === end;
  }

  async #take(place: Place, to: number, signal: AbortSignal): Promise<void> {
    const { reader, take } = place.topicRead;
    for await (const record of readRange(this.#options.kafka, place, { from: place.next ?? 0, to, signal })) {
      const row = await reader.read(record);
      if (row !== null) take(row);
      place.next = record.offset + 1;
    }
    if (!signal.aborted) place.next = to;
  }
}
