import {
  AvroDeserializer,
  AvroSerializer,
  Compatibility,
  JsonataExecutor,
  JsonDeserializer,
  JsonSerializer,
  type RuleSet,
  SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Binding, Rows } from '@penstock/kernel';
import { createRestRegistry, createWireDecoder, type SchemaVersion } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';

/** Records of other versions, as Confluent's own deserializers and ours read them. */
let gateway: TestedGateway;
let client: SchemaRegistryClient;
beforeAll(async () => {
  JsonataExecutor.register();
  gateway = await openGateway();
  client = new SchemaRegistryClient({ baseURLs: [gateway.url] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const names = ['device', 'deviceId', 'sensor'] as const;
const at = SerdeType.VALUE;
const serdes = { AVRO: [AvroSerializer, AvroDeserializer], JSON: [JsonSerializer, JsonDeserializer] } as const;
type Format = keyof typeof serdes;

function textOf(format: Format, name: string): string {
  if (format === 'JSON') {
    const properties = { [name]: { type: 'string' }, sequence: { type: 'integer' }, co2Ppm: { type: ['number', 'null'] } };
    return JSON.stringify({ type: 'object', properties, required: [name, 'sequence'] });
  }
  const fields = [
    { name, type: 'string' },
    { name: 'sequence', type: 'long' },
    { name: 'co2Ppm', type: ['null', 'double'], default: null },
  ];
  return JSON.stringify({ type: 'record', name: 'Reading', namespace: 'rooms', fields });
}

function rename(from: string, to: string): string {
  return `$merge([$sift($, function($v, $k) {$k != '${from}'}), {'${to}': $uppercase($.'${from}') & '-${to}', 'co2Ppm': co2Ppm * 2}])`;
}

/** Three versions, each of which says the device in another word. */
async function registerAll(subject: string, format: Format): Promise<void> {
  await client.updateConfig(subject, { compatibility: Compatibility.NONE });
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    const rule = (mode: string, expr: string): object => ({ name: mode, kind: 'TRANSFORM', type: 'JSONATA', mode, expr });
    const migrationRules =
      before === undefined ? [] : [rule('UPGRADE', rename(before, name)), rule('DOWNGRADE', rename(name, before))];
    const metadata = { properties: { major: String(index + 1) } };
    const ruleSet = { migrationRules } as unknown as RuleSet;
    await client.register(subject, { schema: textOf(format, name), schemaType: format, metadata, ruleSet });
  }
}

async function readByOurs(payload: Uint8Array, readerVersion: SchemaVersion): Promise<unknown> {
  const name = names[readerVersion.version - 1] as string;
  const bindings: Binding[] = [
    { field: { name, type: 'string', nullable: false }, slot: 0 },
    { field: { name: 'sequence', type: 'integer', nullable: false }, slot: 1 },
    { field: { name: 'co2Ppm', type: 'number', nullable: true }, slot: 2 },
  ];
  const registry = createRestRegistry({ url: gateway.url });
  const decoder = createWireDecoder(registry, bindings, { reader: readerVersion.schema, readerVersion });
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return { [name]: rows.values(0)[0], sequence: rows.numbers(1)[0], co2Ppm: rows.numbers(2)[0] };
}

test.each(Object.keys(serdes) as Format[])(
  'records of other versions in %s come out as with the stock client',
  async (format) => {
    const topic = randomName('topic');
    const subject = `${topic}-value`;
    await registerAll(subject, format);
    const [Serializer, Deserializer] = serdes[format];
    const registry = createRestRegistry({ url: gateway.url });
    for (const [from, to] of [
      [1, 3],
      [2, 3],
      [3, 1],
      [3, 2],
      [2, 2],
    ] as const) {
      const written = { [names[from - 1] as string]: 'co2-7', sequence: 41, co2Ppm: 415.5 };
      const named = (major: number): object => ({ useLatestWithMetadata: { major: String(major) } });
      const payload = await new Serializer(client, at, named(from)).serialize(topic, written);
      const byTheirs: unknown = await new Deserializer(client, at, named(to)).deserialize(topic, payload);
      const reader = (await registry.version(subject, to)) as SchemaVersion;
      expect(await readByOurs(payload, reader)).toEqual({ ...(byTheirs as object) });
    }
  },
);
