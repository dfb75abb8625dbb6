import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Binding, Rows } from '@penstock/kernel';
import { createEncoder, createRestRegistry, createWireDecoder, type SchemaFormat, schemaFormats } from '@penstock/schema';
import { schemaGateway } from '@penstock/schema-gateway';
import { type OpenService, openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { openPythonRegistryClient } from './python-registry.ts';

/** What the program prints. */
interface Seen {
  readonly asked: Readonly<Record<string, unknown>>;
  readonly written: Readonly<Record<SchemaFormat, string>>;
  readonly read: Readonly<Record<SchemaFormat, Readonly<Record<string, unknown>>>>;
}

const topic = randomName('python');
const theirs = { deviceId: 'co2-7', sequence: 9_007_199_254_740, co2Ppm: 415.25 };
const ours = { deviceId: 'co2-8', sequence: 77, co2Ppm: 1_200.5 };
let service: OpenService;
let url: string;
let seen: Seen;

beforeAll(async () => {
  const lines: string[] = [];
  const names = ['SCHEMAS', 'PIPELINES', 'MODELS'].map((name) => [`PENSTOCK_${name}_TOPIC`, randomName(name.toLowerCase())]);
  const env = { PENSTOCK_KAFKA: brokers().kafka, ...Object.fromEntries(names) };
  service = await openService(schemaGateway, { env, write: (line) => void lines.push(line) });
  const ready = lines.map((line) => JSON.parse(line) as { event: string; rest?: string });
  url = ready.find(({ event }) => event === 'service.ready')?.rest ?? '';
  const python = await openPythonRegistryClient();
  // The first run registers its schemas; with those we write what the second one reads.
  await python.run(['--url', url, '--topic', topic]);
  const records = await Promise.all(schemaFormats.map(async (format) => [format, await encode(format)]));
  seen = (await python.run(['--url', url, '--topic', topic, '--read', JSON.stringify(Object.fromEntries(records))])) as Seen;
}, 180_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const fieldsOf = async (format: SchemaFormat) => {
  const latest = await createRestRegistry({ url }).latest(`${topic}-${format}-value`);
  if (latest === null) throw new Error(`nothing is registered for ${format}`);
  const bindings: Binding[] = latest.schema.shape.fields.map((field, slot) => ({ field, slot }));
  return { latest, bindings, rows: new Rows(bindings.map(({ field }) => field)) };
};

async function encode(format: SchemaFormat): Promise<string> {
  const { latest, bindings, rows } = await fieldsOf(format);
  rows.reset(1);
  rows.values(0)[0] = ours.deviceId;
  rows.numbers(1)[0] = ours.sequence;
  rows.numbers(2)[0] = ours.co2Ppm;
  return Buffer.from(createEncoder(latest.schema, bindings, latest.id).encode(rows, 0)).toString('hex');
}

describe("Confluent's client for Python", () => {
  test('finds every answer as it expects it', () => {
    const subject = `${topic}-asked`;
    expect(seen.asked).toEqual({
      registered: { same: true, version: 1, before: [404, 40_401] },
      text: true,
      versions: [1],
      listed: true,
      named: [
        [subject, `${topic}-AVRO-value`],
        [subject, `${topic}-AVRO-value`],
      ].map((all) => expect.arrayContaining(all)),
      compatible: [true, false],
      refused: [409, 409],
      references: [['rooms.Reading', 1]],
      referenced: true,
      config: 'NONE',
      metadata: 2,
      modes: ['READWRITE', 'READONLY', 'READONLY'],
      readonly: [422, 42_205],
      held: [422, 42_206],
      deleted: [
        [1, 2],
        [1, 2],
      ],
      gone: [404, 40_401],
      types: ['AVRO', 'JSON', 'PROTOBUF'],
      contexts: ['.'],
    });
  });

  test.each(schemaFormats)('what it writes in %s is read by our codec', async (format) => {
    const { bindings, rows } = await fieldsOf(format);
    const bytes = Buffer.from(seen.written[format], 'hex');
    const decoder = createWireDecoder(createRestRegistry({ url }), bindings);
    await decoder.prepare(bytes);
    rows.reset(1);
    decoder.decode(bytes, rows, 0);
    expect([rows.values(0)[0], rows.numbers(1)[0], rows.numbers(2)[0]]).toEqual(Object.values(theirs));
  });

  test.each(schemaFormats)('what our codec writes in %s is read by it', (format) => {
    expect(seen.read[format]).toEqual(ours);
  });
});
