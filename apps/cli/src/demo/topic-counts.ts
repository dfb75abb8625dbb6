import { describeTopics, type FetchedRecord, type Kafka, readRange } from '@penstock/kafka';

const text = new TextDecoder();

/** Records of a topic that are committed now, told one by one. */
async function* recordsOf(kafka: Kafka, topic: string): AsyncGenerator<FetchedRecord> {
  const partitions = (await describeTopics(kafka, [topic])).get(topic) ?? 0;
  for (let partition = 0; partition < partitions; partition += 1)
    yield* readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' });
}

/** How many records each topic holds: counted by reading, since offsets count markers of transactions too. */
export async function countTopics(kafka: Kafka, topics: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const topic of topics) {
    counts[topic] = 0;
    for await (const _ of recordsOf(kafka, topic)) counts[topic] += 1;
  }
  return counts;
}

/** Dead letters by the code of what was wrong with them. */
export async function countDeadLetters(kafka: Kafka, topics: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const topic of topics) {
    for await (const { headers } of recordsOf(kafka, topic)) {
      const code = headers.findLast(([name]) => text.decode(name) === 'penstock_code')?.[1] ?? null;
      const name = code === null ? 'unknown' : text.decode(code);
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}
