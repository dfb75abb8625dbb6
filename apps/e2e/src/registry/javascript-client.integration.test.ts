import { AvroSerializer, CelExecutor, type RuleSet, SchemaRegistryClient, SerdeType } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Binding, Rows } from '@penstock/kernel';
import { createEncoder, parseSchema, schemaFormats } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';
import { exchangeWithJavascript, givenTo, readingTexts, serdesOf } from './javascript-exchange.ts';
import { decodeReading, decodeRecord, encodeReading, ours, theirs } from './reading-codec.ts';

/** The codecs that Confluent publishes against ours, both ways. */
let gateway: TestedGateway;
let url: string;
let client: SchemaRegistryClient;
beforeAll(async () => {
  gateway = await openGateway();
  url = gateway.url;
  client = new SchemaRegistryClient({ baseURLs: [url] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

test.each(schemaFormats)('records in %s are read by the other side, and nothing is registered anew', async (format) => {
  const exchanged = await exchangeWithJavascript(url, client, { format, topic: randomName('topic') });
  expect(exchanged).toEqual({ byOurs: theirs, byTheirs: ours, versions: [1] });
});

test.each(schemaFormats)('a record in %s that names its schema by a GUID in a header is read', async (format) => {
  const topic = randomName('topic');
  await client.register(`${topic}-value`, { schema: readingTexts[format], schemaType: format });
  const headers: Record<string, Buffer> = {};
  const bytes = await serdesOf(client, format, true).serializer.serialize(topic, givenTo(format, theirs), headers);
  expect(Object.keys(headers)).toEqual(['__value_schema_id']);
  expect(await decodeRecord(url, `${topic}-value`, { bytes, headers })).toEqual(theirs);
});

const avro = JSON.stringify({
  type: 'record',
  name: 'Reading',
  namespace: 'rooms',
  fields: [
    { name: 'deviceId', type: 'string' },
    { name: 'sequence', type: 'long' },
    { name: 'co2Ppm', type: 'double' },
  ],
});

// The client reads Avro into objects that its own rules refuse (1.10.1), so that only what it writes is compared.
test('rules of a schema are run by both sides, with the same verdict', async () => {
  CelExecutor.register();
  const [topic, bad] = [randomName('topic'), { ...theirs, co2Ppm: 9_000 }];
  const subject = `${topic}-value`;
  const breathable = { name: 'breathable', type: 'CEL', kind: 'CONDITION', mode: 'WRITEREAD', expr: 'message.co2Ppm < 5000.0' };
  const loud = { name: 'loud', type: 'CEL', kind: 'TRANSFORM', mode: 'READ', expr };
  await client.register(subject, {
    schema: avro,
    schemaType: 'AVRO',
    ruleSet: { domainRules: [breathable, loud] } as unknown as RuleSet,
  });
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const heard = { ...theirs, deviceId: theirs.deviceId.toUpperCase() };
  expect(await decodeReading(url, subject, await serializer.serialize(topic, { ...theirs }))).toEqual(heard);
  expect(await decodeReading(url, subject, await encodeReading(url, subject, theirs))).toEqual(heard);
  await expect(serializer.serialize(topic, { ...bad })).rejects.toThrow('breathable');
  await expect(encodeReading(url, subject, bad)).rejects.toMatchObject({ code: 'schema.broken-rule' });
  // Written by somebody who minds no rules.
  const { id } = await client.getLatestSchemaMetadata(subject);
  const unruled = createEncoder(parseSchema({ format: 'AVRO', text: avro }), bindings, id ?? 0);
  const rows = new Rows(bindings.map(({ field }) => field));
  rows.reset(1);
  rows.values(0)[0] = 'x';
  rows.numbers(2)[0] = 9_000;
  const payload = Buffer.from(unruled.encode(rows, 0));
  await expect(decodeReading(url, subject, payload)).rejects.toMatchObject({ code: 'schema.broken-rule' });
});

const expr = "{'deviceId': message.deviceId.upperAscii(), 'sequence': message.sequence, 'co2Ppm': message.co2Ppm}";
const bindings: Binding[] = [
  { field: { name: 'deviceId', type: 'string', nullable: false }, slot: 0 },
  { field: { name: 'sequence', type: 'integer', nullable: false }, slot: 1 },
  { field: { name: 'co2Ppm', type: 'number', nullable: false }, slot: 2 },
];
