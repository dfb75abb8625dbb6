import { ensureTopics, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { brokers } from '@penstock/testing';

/** Key and value, as they stand in a compacted topic. */
export type TextRecord = readonly [key: string, value: string | null];

export async function writeTopic(topic: string, records: readonly TextRecord[]): Promise<void> {
  await using kafka = openKafka({ brokers: [brokers().kafka] });
  await ensureTopics(kafka, [{ topic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 1 }]]));
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  await publisher.publish(
    records.map(([key, value], index) => ({
      ...{ id: String(index), route: 'main', key: bytes(key), payload: bytes(value), headers: [] },
    })),
  );
}

export async function readTopic(topic: string): Promise<TextRecord[]> {
  await using kafka = openKafka({ brokers: [brokers().kafka] });
  const records: TextRecord[] = [];
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
  for await (const { key, value } of readRange(kafka, { topic, partition: 0 }, { from: 'earliest', to: 'latest' }))
    records.push([text(key) ?? '', text(value)]);
  return records;
}
