import { expect, test } from '@jest/globals';
import type { pipelines as api } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import type { FetchedRecord } from '@penstock/kafka';
import { Rows, systemClock } from '@penstock/kernel';
import { createExecutorsOf } from '@penstock/runner';
import {
  createEncryptExecutors,
  createRestKeyring,
  createRestRegistry,
  createWireDecoder,
  type RuleExecutor,
} from '@penstock/schema';
import { randomName, until } from '@penstock/testing';
import { openEncryptingCodec } from './registry/encrypting-codec.ts';
import { layStageGround } from './testing/stage-ground.ts';

/** A deployed stage between two topics, whose owner is encrypted in the one it reads and, where the test says so, in the one it writes. */
const ground = layStageGround();

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
  const subject = `${ground.gateway.url}/subjects/${topic}-value/versions`;
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

interface Deployed {
  readonly pipeline: string;
  readonly stage: StagePlan;
  /** The record as it stands in the topic that the stage reads. */
  readonly payload: Buffer;
}

async function deploy(onFailure: string, hidesOutput: boolean): Promise<Deployed> {
  const pipeline = randomName('visits').replace('_', '-');
  await ground.apply(pipeline, documentOf(pipeline));
  await encrypt(`${pipeline}.raw`, { onFailure });
  if (hidesOutput) await encrypt(`${pipeline}.greeted`, { tags: { '**.owner': ['PII'], '**.greeting': ['PII'] } });
  const writer = await openEncryptingCodec({ url: ground.gateway.url, topic: `${pipeline}.raw`, env });
  const stage = (await ground.plans(pipeline)).get('greet') as StagePlan;
  return { pipeline, stage, payload: await writer.write(visit) };
}

const executorsWith = (secrets: Readonly<Record<string, string>>): readonly RuleExecutor[] =>
  createEncryptExecutors(createRestKeyring({ url: ground.gateway.url, env: secrets }));

/** The stage on the record, with what its service's environment holds. Answers what became of the record. */
async function run({ stage, payload }: Deployed, secrets: Readonly<Record<string, string>>): Promise<object> {
  await ground.publish(stage, payload);
  return ground.run(stage, executorsWith(secrets));
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
  const greeted = await ground.recordsOf(`${deployed.pipeline}.greeted`, 1);
  expect(greeted.map((record) => shown(record).includes('Ada'))).toEqual([false]);
  const reader = await openEncryptingCodec({ url: ground.gateway.url, topic: `${deployed.pipeline}.greeted`, env });
  expect(await reader.read(greeted[0]?.value as Uint8Array)).toMatchObject({
    owner: visit.owner,
    greeting: 'Good day, Ada Lovelace',
  });
}, 40_000);

test('without the secret the record is a dead letter as it came, and nothing of it or of any key is told', async () => {
  const deployed = await deploy('ERROR', false);
  expect(await run(deployed, { LOCAL_SECRET: 'of-another-lab' })).toMatchObject({ forwarded: 0, rejected: 1 });
  const dead = await ground.recordsOf(deployed.stage.dead.topic, 1, deployed.stage.dead.partitions);
  expect(dead.map(({ value }) => Buffer.from(value ?? []))).toEqual([deployed.payload]);
  expect(dead.map(shown).join()).toContain('schema.broken-rule');
  expect(dead.map(shown).join()).not.toMatch(/Ada|another-lab|penstock-lab/);
}, 40_000);

test('where the rule lets it pass, the stage goes on with the ciphertext', async () => {
  const deployed = await deploy('ERROR,NONE', false);
  expect(await run(deployed, {})).toMatchObject({ forwarded: 1, rejected: 0 });
  const reader = await openEncryptingCodec({ url: ground.gateway.url, topic: `${deployed.pipeline}.greeted`, env: {} });
  const [greeted] = await ground.recordsOf(`${deployed.pipeline}.greeted`, 1);
  const read = await reader.read(greeted?.value as Uint8Array);
  expect(read).toMatchObject({ device: 'door-1', greeting: `Good day, ${String(read['owner'])}` });
  expect(read['owner']).toMatch(/^[\w+/]{20,}=*$/);
}, 40_000);

test('a stage that cannot encrypt what it writes waits: nothing of the record is in Kafka, not even as a dead letter', async () => {
  const deployed = await deploy('ERROR,NONE', true);
  await ground.publish(deployed.stage, deployed.payload);
  const running = ground.start(deployed.stage, executorsWith({}));
  const waits = (): boolean => running.status.read().problem?.code === 'schema.key-awaited';
  await until(waits, { deadlineMs: 20_000, what: 'the stage to wait for a key' });
  await running.stop();
  const { dead } = deployed.stage;
  const greeted = await ground.recordsOf(`${deployed.pipeline}.greeted`, 0);
  expect([...greeted, ...(await ground.recordsOf(dead.topic, 0, dead.partitions))]).toEqual([]);
  expect(await run(deployed, env)).toMatchObject({ forwarded: 2 });
}, 40_000);

test('services find the keys by their configuration and the secret in their environment', async () => {
  const { pipeline, payload } = await deploy('ERROR', false);
  process.env['LOCAL_SECRET'] = env.LOCAL_SECRET;
  try {
    const context = { config: { registry: ground.gateway.url }, clock: systemClock, tls: null };
    const executors = createExecutorsOf(context as unknown as Parameters<typeof createExecutorsOf>[0]);
    const registry = createRestRegistry({ url: ground.gateway.url });
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
