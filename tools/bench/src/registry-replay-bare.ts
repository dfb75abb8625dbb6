import { openKafka, readRange } from '@penstock/kafka';

/** Reads a topic to its end, parses keys and values, and prints how many seconds that took. */
const [address = '', topic = ''] = process.argv.slice(2);
await using kafka = openKafka({ brokers: [address] });
const text = new TextDecoder();
const startedMs = performance.now();
const parsed: unknown[] = [];
for await (const { key, value } of readRange(kafka, { topic, partition: 0 }, { from: 'earliest', to: 'latest' }))
  parsed.push([JSON.parse(text.decode(key ?? undefined)), JSON.parse(text.decode(value ?? undefined))]);
console.log((performance.now() - startedMs) / 1_000);
