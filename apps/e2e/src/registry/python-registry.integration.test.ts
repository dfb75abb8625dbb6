import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemaFormats } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';
import { exchangeWithPython, expectedOfPython, type SeenByPython } from './python-exchange.ts';
import { decodeReading, ours, theirs } from './reading-codec.ts';

const topic = randomName('python');
let gateway: TestedGateway;
let url: string;
let seen: SeenByPython;

beforeAll(async () => {
  gateway = await openGateway();
  url = gateway.url;
  seen = await exchangeWithPython(url, topic);
}, 180_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
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
