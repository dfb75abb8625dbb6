import { describeTopics, openKafka, readRange } from '@penstock/kafka';
import { stampedId } from '@penstock/pipeline';

const text = new TextDecoder();

/** The ids of all records of a topic, by their stamps: what a stage reported as late. */
export async function readIds(broker: string, topic: string): Promise<Set<string>> {
  await using kafka = openKafka({ brokers: [broker] });
  const partitions = (await describeTopics(kafka, [topic])).get(topic) ?? 0;
  const ids = new Set<string>();
  for (let partition = 0; partition < partitions; partition += 1) {
    const at = { topic, partition };
    for await (const { headers, offset } of readRange(kafka, at, { from: 'earliest', to: 'latest' })) {
      const named = headers.map(([name, value]) => [text.decode(name), value] as const);
      ids.add(stampedId(named) ?? `${topic}/${partition}/${offset}`);
    }
  }
  return ids;
}
