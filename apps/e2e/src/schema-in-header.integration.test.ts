import { SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { expect, test } from '@jest/globals';
import type { pipelines as api } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { plainOf, readingTexts, serdesOf } from './registry/javascript-exchange.ts';
import { encodeReading, ours } from './registry/reading-codec.ts';
import { layStageGround } from './testing/stage-ground.ts';

/** A stage names the schema of its records in a header: Confluent's own client reads them, and so does the next stage. */
const ground = layStageGround();

const files: Readonly<Record<SchemaFormat, string>> = {
  AVRO: 'reading.avsc',
  JSON: 'reading.json',
  PROTOBUF: 'reading.proto#rooms.Reading',
};

/** Records flow on as they came, and are then computed with, which makes Protobuf of them. */
function documentOf(pipeline: string, format: SchemaFormat): api.Document {
  const text = `pipeline: ${pipeline}
document: 1
record: { schema: '${files[format]}', eventTime: { field: sequence }, key: deviceId }
stages:
  ingest:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: ${pipeline}.raw } }
  kept:
    from: { kafka: { topic: ${pipeline}.raw } }
    to: { kafka: { topic: ${pipeline}.kept, schemaId: header } }
  twice:
    from: { kafka: { topic: ${pipeline}.kept } }
    via: [{ compute: { twicePpm: co2Ppm * 2.0 } }]
    to: { kafka: { topic: ${pipeline}.twice, schemaId: header } }
`;
  return { text, file: 'rooms.yaml', files: new Map([[files[format].split('#')[0] as string, readingTexts[format]]]) };
}

/** By the deserialiser of Confluent's client as it is when nothing is set. */
async function readByConfluent(format: SchemaFormat, topic: string): Promise<unknown> {
  const [{ value, headers } = { value: null, headers: [] }] = await ground.recordsOf(topic, 1);
  const named = headers.map(([name, bytes]) => [String(Buffer.from(name)), Buffer.from(bytes ?? [])] as const);
  const { deserializer } = serdesOf(new SchemaRegistryClient({ baseURLs: [ground.gateway.url] }), format);
  return await deserializer.deserialize(topic, Buffer.from(value ?? []), Object.fromEntries(named));
}

test.each(schemaFormats)(
  'Confluent’s client and the next stage read what a stage writes so (%s)',
  async (format) => {
    const pipeline = randomName('rooms').replace('_', '-');
    const stages = await ground.apply(pipeline, documentOf(pipeline, format));
    const [kept, twice] = ['kept', 'twice'].map((name) => stages.get(name) as StagePlan) as [StagePlan, StagePlan];
    await ground.publish(kept, await encodeReading(ground.gateway.url, kept.input.schema.subject, ours));
    expect(await ground.run(kept)).toMatchObject({ forwarded: 1, rejected: 0 });
    expect(plainOf(await readByConfluent(format, `${pipeline}.kept`))).toEqual(ours);
    expect(await ground.run(twice)).toMatchObject({ forwarded: 1, rejected: 0 });
    expect(await readByConfluent('PROTOBUF', `${pipeline}.twice`)).toMatchObject({ twicePpm: ours.co2Ppm * 2 });
  },
  40_000,
);
