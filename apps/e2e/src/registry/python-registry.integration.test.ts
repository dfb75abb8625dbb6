import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemaFormats } from '@penstock/schema';
import { schemaGateway } from '@penstock/schema-gateway';
import { type OpenService, openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { exchangeWithPython, expectedOfPython, type SeenByPython } from './python-exchange.ts';
import { decodeReading, ours, theirs } from './reading-codec.ts';

const topic = randomName('python');
let service: OpenService;
let url: string;
let seen: SeenByPython;

beforeAll(async () => {
  const lines: string[] = [];
  const names = ['SCHEMAS', 'PIPELINES', 'MODELS'].map((name) => [`PENSTOCK_${name}_TOPIC`, randomName(name.toLowerCase())]);
  const env = { PENSTOCK_KAFKA: brokers().kafka, ...Object.fromEntries(names) };
  service = await openService(schemaGateway, { env, write: (line) => void lines.push(line) });
  const ready = lines.map((line) => JSON.parse(line) as { event: string; rest?: string });
  url = ready.find(({ event }) => event === 'service.ready')?.rest ?? '';
  seen = await exchangeWithPython(url, topic);
}, 180_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

describe("Confluent's client for Python", () => {
  test('finds every answer as it expects it', () => {
    expect(seen.asked).toEqual(expectedOfPython(topic));
  });

  test.each(schemaFormats)('what it writes in %s is read by our codec', async (format) => {
    const bytes = Buffer.from(seen.written[format], 'hex');
    expect(await decodeReading(url, `${topic}-${format}-value`, bytes)).toEqual(theirs);
  });

  test.each(schemaFormats)('what our codec writes in %s is read by it', (format) => {
    expect(seen.read[format]).toEqual(ours);
  });
});
