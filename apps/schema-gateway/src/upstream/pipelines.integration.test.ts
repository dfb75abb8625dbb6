import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pipelines as api, schema as schemaApi } from '@penstock/contracts';
import { deleteTopics, type Kafka, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { readingProto, roomsDocument } from '../testing/rooms.ts';

/** Pipelines are applied in front; their schemas lie upstream. */
let upstream: TestedGateway;
let front: TestedGateway;
let kafka: Kafka;
const made: string[] = [];
beforeAll(async () => {
  upstream = await openGateway();
  front = await openGateway({
    ...ownTopics(),
    PENSTOCK_UPSTREAM: upstream.url,
    PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'),
    PENSTOCK_UPSTREAM_FRESH_MS: '100',
    PENSTOCK_UPSTREAM_POLL_MS: '100',
  });
  kafka = openKafka({ brokers: [brokers().kafka] });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await deleteTopics(kafka, made);
  await kafka[Symbol.asyncDispose]();
});

const withPressure = (): string =>
  readingProto().replace('optional double light_lux', 'optional double pressure_hpa = 10;\n  optional double light_lux');
const withoutCo2 = (): string => readingProto().replace(/.*co2_ppm.*\n/, '');

async function applied(): Promise<{ pipeline: string; subject: string; changes: api.Changes }> {
  const pipeline = randomName('rooms').replace('_', '-');
  using client = createGrpcClient(api.PipelinesServiceClient, front.address);
  const { changes } = await client.apply({ document: roomsDocument(pipeline) });
  if (changes === undefined) throw new Error('no changes');
  made.push(...changes.topics.map(({ topic }) => topic));
  return { pipeline, subject: `${pipeline}.raw-value`, changes };
}

async function listed(pipeline: string): Promise<api.Pipeline | undefined> {
  using client = createGrpcClient(api.PipelinesServiceClient, front.address);
  return (await client.list({})).pipelines.find((each) => each.pipeline === pipeline);
}

function register(gateway: TestedGateway, subject: string, schema: string): Promise<RestAnswer> {
  return ask(gateway.url, `POST /subjects/${subject}/versions`, { body: { schemaType: 'PROTOBUF', schema } });
}

test('a document is judged, planned and applied with schemas that are registered upstream', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const document = roomsDocument(pipeline);
  using client = createGrpcClient(api.PipelinesServiceClient, front.address);
  expect(await client.check({ document })).toEqual({ complaints: [] });
  const planned = await client.plan({ document });
  expect(planned.changes?.schemas).toContainEqual({ subject: `${pipeline}.raw-value`, id: 0, version: 1, registered: true });
  expect((await ask(upstream.url, `GET /subjects/${pipeline}.raw-value/versions`)).status).toBe(404);
  const { changes } = await client.apply({ document });
  made.push(...(changes?.topics ?? []).map(({ topic }) => topic));
  for (const { subject, id, registered } of changes?.schemas ?? []) {
    expect((await ask(upstream.url, `GET /subjects/${subject}/versions/latest`)).body).toMatchObject({ id, version: 1 });
    expect(registered).toBe(true);
  }
  const again = (await client.apply({ document })).changes;
  expect([again?.version, again?.schemas.some(({ registered }) => registered)]).toEqual([changes?.version, false]);
  const wrong = { ...document, text: document.text.replace('field: co2Ppm', 'field: co2Pm') };
  await expect(client.apply({ document: wrong })).rejects.toMatchObject({ code: 'gateway.wrong-document' });
});

test('records name their schema in a header where upstream finds it by its GUID', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const document = roomsDocument(pipeline);
  const raw = `to: { kafka: { topic: ${pipeline}.raw`;
  const inHeader = { ...document, text: document.text.replace(raw, `${raw}, schemaId: header`) };
  expect(inHeader.text).not.toBe(document.text);
  using client = createGrpcClient(api.PipelinesServiceClient, front.address);
  const planned = (await client.plan({ document: inHeader })).changes;
  expect(planned?.stages.length).toBeGreaterThan(0);
  const { changes } = await client.apply({ document: inHeader });
  made.push(...(changes?.topics ?? []).map(({ topic }) => topic));
  expect(await listed(pipeline)).toMatchObject({ unreadable: '', version: changes?.version });
  expect((await client.plan({ document: inHeader })).changes?.version).toBe(changes?.version);
  const kinds = (await client.plan({ document })).changes?.stages.map(({ stage, kind }) => [stage, kind]);
  expect(kinds?.filter(([, kind]) => kind !== api.StageChangeKind.KEPT)).toEqual([['ingest', api.StageChangeKind.CHANGED]]);
});

test('a document is applied with the rules that upstream has for its latest version', async () => {
  const { pipeline, subject } = await applied();
  const { schema } = (await ask(upstream.url, `GET /subjects/${subject}/versions/latest`)).body as { schema: string };
  const rule = { name: 'plugged', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'true' };
  const ruleSet = { domainRules: [rule] };
  const body = { schemaType: 'PROTOBUF', schema, ruleSet };
  expect((await ask(upstream.url, `POST /subjects/${subject}/versions`, { body })).status).toBe(200);
  using client = createGrpcClient(api.PipelinesServiceClient, front.address);
  const nowApplied = async (): Promise<number | undefined> =>
    (await client.apply({ document: roomsDocument(pipeline) })).changes?.schemas.find((each) => each.subject === subject)
      ?.version;
  // What is latest upstream may be known from a moment ago.
  await until(async () => (await nowApplied()) === 2, { deadlineMs: 5_000, what: 'the version with rules' });
  expect(await nowApplied()).toBe(2);
});

describe('a version that takes away what a deployed pipeline asks for', () => {
  test('is not passed on', async () => {
    const { pipeline, subject } = await applied();
    const refused = await register(front, subject, withoutCo2());
    expect(refused).toMatchObject({ status: 409, body: { error_code: 409 } });
    expect((refused.body as { message: string }).message).toContain(`${pipeline} › preprocess › co2Ppm: `);
    expect((await ask(upstream.url, `GET /subjects/${subject}/versions`)).body).toEqual([1]);
    const body = { schemaType: 'PROTOBUF', schema: withoutCo2() };
    const path = `POST /compatibility/subjects/${subject}/versions/latest?verbose=true`;
    expect((await ask(front.url, path, { body })).body).toMatchObject({
      is_compatible: false,
      messages: expect.arrayContaining([expect.stringContaining('BREAKS_PIPELINE')]),
    });
    using client = createGrpcClient(schemaApi.SchemaServiceClient, front.address);
    const schema = { format: schemaApi.SchemaFormat.PROTOBUF, text: withoutCo2(), references: [] };
    const plain = { subject, schema, normalize: false, dryRun: false };
    expect(await client.check({ subject, schema, version: 0 })).toMatchObject({ compatible: false });
    await expect(client.register({ ...plain, overrideReason: '' })).rejects.toMatchObject({ code: 'gateway.breaks-pipelines' });
    expect(await client.register({ ...plain, overrideReason: 'no more sensors' })).toMatchObject({ version: 2, replanned: [] });
  });

  test('is passed on where the guard is off, which is known here alone', async () => {
    const { subject } = await applied();
    expect(await ask(front.url, `PUT /config/${subject}`, { body: { guard: false } })).toMatchObject({ status: 200 });
    expect(await ask(upstream.url, `GET /config/${subject}`)).toMatchObject({ status: 404 });
    expect(await register(front, subject, withoutCo2())).toMatchObject({ status: 200 });
  });

  test('is told when it came by another way, once, and the pipeline goes on as it was', async () => {
    const { pipeline, subject } = await applied();
    const before = await listed(pipeline);
    await ask(upstream.url, `POST /subjects/${subject}/versions`, { body: { schemaType: 'PROTOBUF', schema: withoutCo2() } });
    const told = () =>
      front.lines.filter((line) => line['event'] === 'pipeline.broken-upstream' && line['pipeline'] === pipeline);
    await until(() => told().length > 0, { deadlineMs: 5_000, what: 'that the pipeline would break' });
    await ask(upstream.url, `POST /subjects/${subject}/versions`, { body: { schemaType: 'PROTOBUF', schema: withPressure() } });
    await until(async () => (await listed(pipeline))?.version !== before?.version, {
      deadlineMs: 5_000,
      what: 'the next version',
    });
    expect(told()).toHaveLength(1);
  });
});

test.each(['in front', 'upstream'])('a version that is registered %s reaches the deployed pipeline', async (where) => {
  const { pipeline, subject } = await applied();
  expect(await register(where === 'upstream' ? upstream : front, subject, withPressure())).toMatchObject({ status: 200 });
  const after = await until(
    async () => {
      const found = await listed(pipeline);
      return found?.schemas.get(subject)?.version === 2 ? found : null;
    },
    { deadlineMs: 5_000, what: 'the new version in the pipeline' },
  );
  for (const [name, { id, version }] of after.schemas) {
    expect((await ask(upstream.url, `GET /subjects/${name}/versions/${version}`)).body).toMatchObject({ id });
  }
});

test('what is deployed is not deleted for good', async () => {
  const { subject } = await applied();
  const path = `/subjects/${subject}/versions/1`;
  expect(await ask(front.url, `DELETE ${path}`)).toMatchObject({ status: 200 });
  expect(await ask(front.url, `DELETE ${path}?permanent=true`)).toMatchObject({ status: 422, body: { error_code: 42_206 } });
  expect(await ask(upstream.url, `GET ${path}?deleted=true`)).toMatchObject({ status: 200 });
});
