import { SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines as api } from '@penstock/contracts';
import { type AppliedPipeline, planPipeline, type StagePlan } from '@penstock/document';
import { deleteTopics, type Kafka, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { createRandom, systemClock } from '@penstock/kernel';
import { stampOf } from '@penstock/pipeline';
import { RunningStage } from '@penstock/runner';
import { createRestRegistry, type SchemaFormat, schemaFormats } from '@penstock/schema';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { plainOf, readingTexts, serdesOf } from './registry/javascript-exchange.ts';
import { encodeReading, ours, type PlainReading } from './registry/reading-codec.ts';
import { openGateway, type TestedGateway } from './testing/open-gateway.ts';

/** A stage names the schema of its records in a header: Confluent's own client reads them, and so does the next stage. */
let gateway: TestedGateway;
let kafka: Kafka;
const pipelinesTopic = randomName('pipelines');
const made: string[] = [];
beforeAll(async () => {
  kafka = openKafka({ brokers: [brokers().kafka] });
  gateway = await openGateway({ PENSTOCK_PIPELINES_TOPIC: pipelinesTopic });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await deleteTopics(kafka, made);
  await kafka[Symbol.asyncDispose]();
});

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

async function applied(pipeline: string, format: SchemaFormat): Promise<ReadonlyMap<string, StagePlan>> {
  using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
  const { changes } = await client.apply({ document: documentOf(pipeline, format) }, { deadlineMs: 30_000 });
  made.push(...(changes?.topics ?? []).map(({ topic }) => topic));
  const { stages } = planPipeline(await appliedAs(pipeline));
  return new Map(stages.map((stage) => [stage.name, stage]));
}

/** As services get it: from the topic. */
async function appliedAs(pipeline: string): Promise<AppliedPipeline> {
  let found: AppliedPipeline | null = null;
  for await (const { value } of readRange(kafka, { topic: pipelinesTopic, partition: 0 }, { from: 'earliest', to: 'latest' })) {
    const read = JSON.parse(String(Buffer.from(value ?? []))) as AppliedPipeline;
    if (read.pipeline === pipeline) found = read;
  }
  if (found === null) throw new Error(`${pipeline} is not applied`);
  return found;
}

async function publish({ input, from }: StagePlan, reading: PlainReading): Promise<void> {
  const topic = from.kind === 'kafka' ? from.topic : '';
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 4 }]]));
  const payload = await encodeReading(gateway.url, input.schema.subject, reading);
  const headers = stampOf({ source: 'penstock/test/ingest', type: 'rooms.Reading' }, 'd/1', 1);
  await publisher.publish([{ id: 'd/1', route: 'main', key: Buffer.from('d'), payload, headers }]);
}

async function run(plan: StagePlan): Promise<void> {
  const running = new RunningStage({
    ...{ plan, kafka, ends: {}, pipelineVersion: '1', clock: systemClock, random: createRandom(1) },
    at: { registry: createRestRegistry({ url: gateway.url }), env: {}, log: () => undefined },
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
  await until(() => running.status.read().ledger.consumed >= 1, { deadlineMs: 20_000, what: 'the record to be read' });
  await running.stop();
  expect(running.status.read().ledger.fates).toMatchObject({ forwarded: 1, rejected: 0 });
}

interface Written {
  readonly payload: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
}

async function recordsOf(topic: string): Promise<Written[]> {
  const written: Written[] = [];
  for (let partition = 0; partition < 4; partition += 1) {
    for await (const { value, headers } of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' })) {
      const named = headers.map(([name, bytes]) => [String(Buffer.from(name)), Buffer.from(bytes ?? [])] as const);
      written.push({ payload: Buffer.from(value ?? []), headers: Object.fromEntries(named) });
    }
  }
  return written;
}

/** By the deserialiser of Confluent's client as it is when nothing is set. */
async function readByConfluent(format: SchemaFormat, topic: string): Promise<unknown> {
  // A transaction has ended a moment before its records can be read.
  const [record] = await until(
    async () => {
      const found = await recordsOf(topic);
      return found.length > 0 ? found : null;
    },
    { deadlineMs: 10_000, what: `a record of ${topic}` },
  );
  const { payload, headers } = record as Written;
  const { deserializer } = serdesOf(new SchemaRegistryClient({ baseURLs: [gateway.url] }), format);
  return await deserializer.deserialize(topic, payload, { ...headers });
}

test.each(schemaFormats)(
  'Confluent’s client and the next stage read what a stage writes so (%s)',
  async (format) => {
    const pipeline = randomName('rooms').replace('_', '-');
    const stages = await applied(pipeline, format);
    const [kept, twice] = ['kept', 'twice'].map((name) => stages.get(name) as StagePlan) as [StagePlan, StagePlan];
    await publish(kept, ours);
    await run(kept);
    expect(plainOf(await readByConfluent(format, `${pipeline}.kept`))).toEqual(ours);
    await run(twice);
    expect(await readByConfluent('PROTOBUF', `${pipeline}.twice`)).toMatchObject({ twicePpm: ours.co2Ppm * 2 });
  },
  40_000,
);
