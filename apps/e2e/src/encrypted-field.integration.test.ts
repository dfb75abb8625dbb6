import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines as api } from '@penstock/contracts';
import { type AppliedPipeline, planPipeline, type StagePlan } from '@penstock/document';
import { deleteTopics, type FetchedRecord, type Kafka, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { createRandom, Rows, systemClock } from '@penstock/kernel';
import { stampOf } from '@penstock/pipeline';
import { createExecutorsOf, RunningStage } from '@penstock/runner';
import { createEncryptExecutors, createRestKeyring, createRestRegistry, createWireDecoder } from '@penstock/schema';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { openEncryptingCodec } from './registry/encrypting-codec.ts';
import { openGateway, type TestedGateway } from './testing/open-gateway.ts';

/** A deployed stage between two topics, whose owner is encrypted in the one it reads and, where the test says so, in the one it writes. */
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

const env = { LOCAL_SECRET: 'penstock-lab' };
const visit = { device: 'door-1', at: 1_000, owner: 'Ada Lovelace' };
const schema = `{ "type": "record", "name": "rooms.Visit", "fields": [ { "name": "device", "type": "string" },
  { "name": "at", "type": "long" }, { "name": "owner", "type": "string", "confluent:tags": ["PII"] } ] }`;

function documentOf(pipeline: string): api.Document {
  const text = `pipeline: ${pipeline}
document: 1
record: { schema: visit.avsc, eventTime: { field: at }, key: device }
stages:
  ingest:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: ${pipeline}.raw } }
  greet:
    from: { kafka: { topic: ${pipeline}.raw } }
    via: [{ compute: { greeting: '"Good day, " + owner' } }]
    to: { kafka: { topic: ${pipeline}.greeted } }
`;
  return { text, file: 'visits.yaml', files: new Map([['visit.avsc', schema]]) };
}

/** Gives the latest schema of a topic a rule that encrypts what is tagged in the schema or by the metadata. */
async function encrypt(topic: string, more: { readonly onFailure?: string; readonly tags?: object }): Promise<void> {
  const subject = `${gateway.url}/subjects/${topic}-value/versions`;
  const { schema: text, schemaType } = (await (await fetch(`${subject}/latest`)).json()) as {
    schema: string;
    schemaType?: string;
  };
  const params = {
    'encrypt.kek.name': `${topic}-kek`.replaceAll('.', '-'),
    'encrypt.kms.type': 'local-kms',
    'encrypt.kms.key.id': 'lab',
  };
  const rule = { name: 'hide', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'], params };
  const { onFailure = 'ERROR', tags = {} } = more;
  const body = { schema: text, schemaType, metadata: { tags }, ruleSet: { domainRules: [{ ...rule, onFailure }] } };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(subject, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** As services get it: from the topic, with nothing else at hand. */
async function plannedAs(pipeline: string): Promise<StagePlan> {
  let applied: AppliedPipeline | null = null;
  for (const { value } of await recordsOf(pipelinesTopic, 1)) {
    const read = JSON.parse(String(Buffer.from(value ?? []))) as AppliedPipeline;
    if (read.pipeline === pipeline) applied = read;
  }
  const stage = applied === null ? undefined : planPipeline(applied).stages.find(({ name }) => name === 'greet');
  if (stage === undefined) throw new Error(`${pipeline} has no stage that greets`);
  return stage;
}

async function recordsOf(topic: string, partitions = 4): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  for (let partition = 0; partition < partitions; partition += 1)
    for await (const record of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' })) records.push(record);
  return records;
}

interface Deployed {
  readonly pipeline: string;
  readonly stage: StagePlan;
  /** The record as it stands in the topic that the stage reads. */
  readonly payload: Buffer;
}

async function deploy(onFailure: string, hidesOutput: boolean): Promise<Deployed> {
  const pipeline = randomName('visits').replace('_', '-');
  using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
  const { changes } = await client.apply({ document: documentOf(pipeline) }, { deadlineMs: 30_000 });
  made.push(...(changes?.topics ?? []).map(({ topic }) => topic));
  await encrypt(`${pipeline}.raw`, { onFailure });
  if (hidesOutput) await encrypt(`${pipeline}.greeted`, { tags: { '**.owner': ['PII'], '**.greeting': ['PII'] } });
  const writer = await openEncryptingCodec({ url: gateway.url, topic: `${pipeline}.raw`, env });
  return { pipeline, stage: await plannedAs(pipeline), payload: await writer.write(visit) };
}

/** The stage on the record, with what its service's environment holds. */
async function start({ pipeline, stage, payload }: Deployed, secrets: Readonly<Record<string, string>>): Promise<RunningStage> {
  {
    await using publisher = openPublisher(kafka, new Map([['main', { topic: `${pipeline}.raw`, partitions: 4 }]]));
    const headers = stampOf({ source: 'penstock/test/ingest', type: 'rooms.Visit' }, 'd', 1);
    await publisher.publish([{ id: 'd', route: 'main', key: Buffer.from('door-1'), payload, headers }]);
  }
  const registry = createRestRegistry({ url: gateway.url });
  const executors = createEncryptExecutors(createRestKeyring({ url: gateway.url, env: secrets }));
  return new RunningStage({
    ...{ plan: stage, kafka, ends: {}, at: { registry, executors, env: {}, log: () => undefined }, pipelineVersion: '1' },
    ...{ clock: systemClock, random: createRandom(1) },
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
}

/** Answers what became of the record. */
async function run(deployed: Deployed, secrets: Readonly<Record<string, string>>): Promise<object> {
  const running = await start(deployed, secrets);
  await until(() => running.status.read().ledger.consumed >= 1, { deadlineMs: 20_000, what: 'the record to be read' });
  await running.stop();
  return running.status.read().ledger.fates;
}

/** All that Kafka has of a record but its offset. */
function shown({ key, value, headers }: FetchedRecord): string {
  const parts = [key, value, ...headers.flat()];
  return parts.map((part) => Buffer.from(part ?? []).toString('latin1')).join('\n');
}

test('a stage reads what is encrypted for it, and encrypts what it writes', async () => {
  const deployed = await deploy('ERROR', true);
  expect(deployed.payload.includes('Ada')).toBe(false);
  expect(await run(deployed, env)).toMatchObject({ forwarded: 1, rejected: 0 });
  const greeted = await recordsOf(`${deployed.pipeline}.greeted`);
  expect(greeted.map((record) => shown(record).includes('Ada'))).toEqual([false]);
  const reader = await openEncryptingCodec({ url: gateway.url, topic: `${deployed.pipeline}.greeted`, env });
  expect(await reader.read(greeted[0]?.value as Uint8Array)).toMatchObject({
    owner: visit.owner,
    greeting: 'Good day, Ada Lovelace',
  });
}, 40_000);

test('without the secret the record is a dead letter as it came, and nothing of it or of any key is told', async () => {
  const deployed = await deploy('ERROR', false);
  expect(await run(deployed, { LOCAL_SECRET: 'of-another-lab' })).toMatchObject({ forwarded: 0, rejected: 1 });
  const dead = await recordsOf(deployed.stage.dead.topic, deployed.stage.dead.partitions);
  expect(dead.map(({ value }) => Buffer.from(value ?? []))).toEqual([deployed.payload]);
  expect(dead.map(shown).join()).toContain('schema.broken-rule');
  expect(dead.map(shown).join()).not.toMatch(/Ada|another-lab|penstock-lab/);
}, 40_000);

test('where the rule lets it pass, the stage goes on with the ciphertext', async () => {
  const deployed = await deploy('ERROR,NONE', false);
  expect(await run(deployed, {})).toMatchObject({ forwarded: 1, rejected: 0 });
  const reader = await openEncryptingCodec({ url: gateway.url, topic: `${deployed.pipeline}.greeted`, env: {} });
  const [greeted] = await recordsOf(`${deployed.pipeline}.greeted`);
  const read = await reader.read(greeted?.value as Uint8Array);
  expect(read).toMatchObject({ device: 'door-1', greeting: `Good day, ${String(read['owner'])}` });
  expect(read['owner']).toMatch(/^[\w+/]{20,}=*$/);
}, 40_000);

test('a stage that cannot encrypt what it writes waits: nothing of the record is in Kafka, not even as a dead letter', async () => {
  const deployed = await deploy('ERROR,NONE', true);
  const running = await start(deployed, {});
  const waits = (): boolean => running.status.read().problem?.code === 'schema.key-awaited';
  await until(waits, { deadlineMs: 20_000, what: 'the stage to wait for a key' });
  await running.stop();
  const { dead } = deployed.stage;
  expect([...(await recordsOf(`${deployed.pipeline}.greeted`)), ...(await recordsOf(dead.topic, dead.partitions))]).toEqual([]);
  expect(await run(deployed, env)).toMatchObject({ forwarded: 2 });
}, 40_000);

test('services find the keys by their configuration and the secret in their environment', async () => {
  const { pipeline, payload } = await deploy('ERROR', false);
  process.env['LOCAL_SECRET'] = env.LOCAL_SECRET;
  try {
    const context = { config: { registry: gateway.url }, clock: systemClock, tls: null };
    const executors = createExecutorsOf(context as unknown as Parameters<typeof createExecutorsOf>[0]);
    const registry = createRestRegistry({ url: gateway.url });
    const bindings = [{ field: { name: 'owner', type: 'string', nullable: false } as const, slot: 0 }];
    const decoder = createWireDecoder(registry, bindings, { subject: `${pipeline}.raw-value`, executors });
    const rows = new Rows(bindings.map(({ field }) => field));
    rows.reset(1);
    await decoder.prepare(payload);
    decoder.decode(payload, rows, 0);
    expect(rows.values(0)[0]).toBe(visit.owner);
  } finally {
    delete process.env['LOCAL_SECRET'];
  }
}, 40_000);
