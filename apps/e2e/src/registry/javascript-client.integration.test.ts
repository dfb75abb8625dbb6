import { SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemaFormats } from '@penstock/schema';
import { schemaGateway } from '@penstock/schema-gateway';
import { type OpenService, openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { exchangeWithJavascript } from './javascript-exchange.ts';
import { ours, theirs } from './reading-codec.ts';

/** The codecs that Confluent publishes against ours, both ways. */
let service: OpenService;
let url: string;
let client: SchemaRegistryClient;
beforeAll(async () => {
  const lines: string[] = [];
  const names = ['SCHEMAS', 'PIPELINES', 'MODELS'].map((name) => [`PENSTOCK_${name}_TOPIC`, randomName(name.toLowerCase())]);
  const env = { PENSTOCK_KAFKA: brokers().kafka, ...Object.fromEntries(names) };
  service = await openService(schemaGateway, { env, write: (line) => void lines.push(line) });
  const ready = lines.map((line) => JSON.parse(line) as { event: string; rest?: string });
  url = ready.find(({ event }) => event === 'service.ready')?.rest ?? '';
  client = new SchemaRegistryClient({ baseURLs: [url] });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

test.each(schemaFormats)('records in %s are read by the other side, and nothing is registered anew', async (format) => {
  const exchanged = await exchangeWithJavascript(url, client, { format, topic: randomName('topic') });
  expect(exchanged).toEqual({ byOurs: theirs, byTheirs: ours, versions: [1] });
});
