import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pipelines as api, schema as schemaApi } from '@penstock/contracts';
import { deleteTopics, describeTopics, type Kafka, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { readingProto, roomsDocument } from '../testing/rooms.ts';

const { STARTED, KEPT, CHANGED, STOPPED } = api.StageChangeKind;

let gateway: TestedGateway;
let kafka: Kafka;
const topics = ownTopics();
const made: string[] = [];
beforeAll(async () => {
  gateway = await openGateway(topics);
  kafka = openKafka({ brokers: [brokers().kafka] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await deleteTopics(kafka, made);
  await kafka[Symbol.asyncDispose]();
});

function clientOf({ address }: TestedGateway) {
  return createGrpcClient(api.PipelinesServiceClient, address);
}

async function apply(document: api.Document): Promise<api.Changes> {
  using client = clientOf(gateway);
  const { changes } = await client.apply({ document });
  if (changes === undefined) throw new Error('no changes');
  made.push(...changes.topics.map(({ topic }) => topic));
  return changes;
}

const nameOf = (): string => randomName('rooms').replace('_', '-');
const kindsOf = ({ stages }: { stages: readonly api.StageChange[] }): api.StageChangeKind[] => [
  ...new Set(stages.map(({ kind }) => kind)),
];

async function register(pipeline: string, text: string, query = ''): Promise<RestAnswer> {
  const body = { schemaType: 'PROTOBUF', schema: text };
  return ask(gateway.url, `POST /subjects/${pipeline}.raw-value/versions${query}`, { body });
}

async function listed(pipeline: string, from: TestedGateway = gateway): Promise<api.Pipeline | undefined> {
  using client = clientOf(from);
  return (await client.list({})).pipelines.find((each) => each.pipeline === pipeline);
}

const withPressure = (): string =>
  readingProto().replace('optional double light_lux', 'optional double pressure_hpa = 10;\n  optional double light_lux');
const withoutCo2 = (): string => readingProto().replace(/.*co2_ppm.*\n/, '');

describe('a document', () => {
  test('is judged, planned and applied; the same again changes nothing', async () => {
    const pipeline = nameOf();
    const document = roomsDocument(pipeline);
    using client = clientOf(gateway);
    expect(await client.check({ document })).toEqual({ complaints: [] });
    const planned = await client.plan({ document });
    expect(planned.complaints).toEqual([]);
    expect(planned.changes?.schemas).toContainEqual({ subject: `${pipeline}.raw-value`, id: 0, version: 1, registered: true });
    expect(await listed(pipeline)).toBeUndefined();

    const applied = await apply(document);
    expect(kindsOf(applied)).toEqual([STARTED]);
    expect(applied.schemas.every(({ id, version, registered }) => id > 0 && version === 1 && registered)).toBe(true);
    const partitions = await describeTopics(kafka, [`${pipeline}.raw`, `${pipeline}.features`, `${pipeline}.dead`]);
    expect([...partitions.values()]).toEqual([4, 4, 4]);
    expect((await ask(gateway.url, `GET /subjects/${pipeline}.raw-value/versions/latest`)).body).toMatchObject({
      schemaType: 'PROTOBUF',
    });

    const again = await apply(document);
    expect(kindsOf(again)).toEqual([KEPT]);
    expect([again.version, again.previousVersion]).toEqual([applied.version, applied.version]);
    expect(await listed(pipeline)).toMatchObject({
      version: applied.version,
      stages: expect.arrayContaining([expect.objectContaining({ stage: 'preprocess', service: 'preprocessor' })]),
    });
  });

  test('a change to one stage leaves the others as they are, a removal stops them', async () => {
    const pipeline = nameOf();
    const document = roomsDocument(pipeline);
    await apply(document);
    const changed = await apply({ ...document, text: document.text.replace('thresholdMad: 4', 'thresholdMad: 5') });
    expect(changed.stages.filter(({ kind }) => kind !== KEPT)).toEqual([
      { stage: 'preprocess', service: 'preprocessor', kind: CHANGED },
    ]);
    using client = clientOf(gateway);
    expect(kindsOf(await client.remove({ pipeline }))).toEqual([STOPPED]);
    expect(await listed(pipeline)).toBeUndefined();
    await expect(client.remove({ pipeline })).rejects.toMatchObject({ code: 'gateway.unknown-pipeline' });
  });

  test('a wrong one is answered with what is wrong and where, and is not applied', async () => {
    const document = roomsDocument(nameOf());
    const wrong = { ...document, text: document.text.replace('field: co2Ppm', 'field: co2Pm') };
    using client = clientOf(gateway);
    const { complaints } = await client.check({ document: wrong });
    expect(complaints).toEqual([
      expect.objectContaining({ path: 'stages.preprocess.via[2].hampel.field', suggestion: 'co2Ppm', line: expect.any(Number) }),
    ]);
    await expect(client.apply({ document: wrong })).rejects.toMatchObject({
      code: 'gateway.wrong-document',
      message: expect.stringContaining('co2Pm'),
    });
    expect((await client.check({ document: { ...document, files: new Map() } })).complaints.length).toBeGreaterThan(0);
    await expect(client.check({})).rejects.toMatchObject({ code: 'gateway.bad-request' });
  });

  test('whoever watches is told of what is applied, changed and removed', async () => {
    const pipeline = nameOf();
    using client = clientOf(gateway);
    const ending = new AbortController();
    const told = client.watch({}, { signal: ending.signal })[Symbol.asyncIterator]();
    const next = async (): Promise<api.WatchResponse> => {
      for (;;) {
        const { value } = (await told.next()) as { value: api.WatchResponse };
        if (value.pipeline === pipeline) return value;
      }
    };
    const first = next();
    const applied = await apply(roomsDocument(pipeline));
    expect((await first).applied?.version).toBe(applied.version);
    await client.remove({ pipeline });
    expect((await next()).applied).toBeUndefined();
    ending.abort();
    await told.return?.(undefined);
  });
});

describe('a new version of what devices send', () => {
  test('reaches the deployed pipeline, which is planned anew and keeps the stages that it does not concern', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    const before = await listed(pipeline);
    expect(await register(pipeline, withPressure(), '?dryRun=true')).toMatchObject({ status: 200 });
    expect(await listed(pipeline)).toEqual(before);
    expect(await register(pipeline, withPressure())).toMatchObject({ status: 200 });
    const after = await listed(pipeline);
    expect(after?.schemas.get(`${pipeline}.raw-value`)?.version).toBe(2);
    const changed = after?.stages.filter(
      ({ stage, fingerprint }) => before?.stages.find((each) => each.stage === stage)?.fingerprint !== fingerprint,
    );
    expect(changed?.map(({ stage }) => stage).sort()).toEqual(expect.arrayContaining(['archive', 'ingest']));
    expect(changed?.map(({ stage }) => stage)).not.toContain('store');
    expect(gateway.lines).toContainEqual(expect.objectContaining({ event: 'schema.registered', replanned: pipeline }));
    // What was applied with the second version stays with it.
    await using again = await openGateway(topics);
    expect(await listed(pipeline, again)).toEqual(after);
  });

  test('that takes away what a stage asks for is refused, with the stage, the field and the reason', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    const before = await listed(pipeline);
    for (const query of ['', '?dryRun=true']) {
      const refused = await register(pipeline, withoutCo2(), query);
      expect(refused).toMatchObject({ status: 409, body: { error_code: 409 } });
      expect((refused.body as { message: string }).message).toContain(`${pipeline} › preprocess › co2Ppm: `);
    }
    const body = { schemaType: 'PROTOBUF', schema: withoutCo2() };
    const path = `POST /compatibility/subjects/${pipeline}.raw-value/versions/latest?verbose=true`;
    expect((await ask(gateway.url, path, { body })).body).toMatchObject({
      is_compatible: false,
      messages: expect.arrayContaining([expect.stringContaining('BREAKS_PIPELINE')]),
    });
    using client = createGrpcClient(schemaApi.SchemaServiceClient, gateway.address);
    const schema = { format: schemaApi.SchemaFormat.PROTOBUF, text: withoutCo2(), references: [] };
    const checked = await client.check({ subject: `${pipeline}.raw-value`, schema, version: 0 });
    expect(checked).toMatchObject({ compatible: false, incompatibilities: [] });
    expect(checked.breaks).toContainEqual(
      expect.objectContaining({
        pipeline,
        stage: 'preprocess',
        field: 'co2Ppm',
        path: expect.stringContaining('stages.preprocess.via'),
      }),
    );
    expect(await listed(pipeline)).toEqual(before);
    expect((await ask(gateway.url, `GET /subjects/${pipeline}.raw-value/versions`)).body).toEqual([1]);
  });

  test('is taken all the same where the guard is off, or with a reason; then the pipeline goes on as it was', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    const before = await listed(pipeline);
    const subject = `${pipeline}.raw-value`;
    using client = createGrpcClient(schemaApi.SchemaServiceClient, gateway.address);
    const wanted = {
      subject,
      schema: { format: schemaApi.SchemaFormat.PROTOBUF, text: withoutCo2(), references: [] },
      normalize: false,
      dryRun: false,
    };
    await expect(client.register({ ...wanted, overrideReason: '' })).rejects.toMatchObject({ code: 'gateway.breaks-pipelines' });
    expect(await client.register({ ...wanted, overrideReason: 'the sensors are gone' })).toMatchObject({
      version: 2,
      replanned: [],
    });
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({ event: 'schema.registered', subject, overrideReason: 'the sensors are gone' }),
    );
    expect(await listed(pipeline)).toEqual(before);

    await client.setConfig({ subject, compatibility: schemaApi.Compatibility.UNSPECIFIED, guard: false });
    expect(await register(pipeline, withoutCo2().replace('optional double light_lux', 'optional double lux'))).toMatchObject({
      status: 200,
    });
    expect(await listed(pipeline)).toEqual(before);
  });

  test('what is deployed is not deleted for good', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    const path = `/subjects/${pipeline}.raw-value/versions/1`;
    expect(await ask(gateway.url, `DELETE ${path}`)).toMatchObject({ status: 200 });
    expect(await ask(gateway.url, `DELETE ${path}?permanent=true`)).toMatchObject({ status: 422, body: { error_code: 42_206 } });
  });

  test('who would feel it can be asked', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    using client = createGrpcClient(schemaApi.SchemaServiceClient, gateway.address);
    const { uses } = await client.listUses({ subject: `${pipeline}.raw-value` });
    const stages = uses.flatMap(({ by }) => (by?.$case === 'stage' ? [[by.value.stage, by.value.writes, by.value.sink]] : []));
    expect(stages.sort()).toEqual([
      ['archive', false, 'postgres public.readings'],
      ['ingest', true, ''],
      ['preprocess', false, ''],
    ]);
  });

  test('models that judge records of a subject, or are trained with them, are among them', async () => {
    const pipeline = nameOf();
    await apply(roomsDocument(pipeline));
    using client = createGrpcClient(schemaApi.SchemaServiceClient, gateway.address);
    const usesOf = async (subject: string): Promise<unknown[]> =>
      (await client.listUses({ subject: `${pipeline}.${subject}-value` })).uses.flatMap(({ by }) => by?.value ?? []);
    const training = { pipeline, model: 'occupancy', alias: 'production' };
    expect(await usesOf('features')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ writes: false, model: 'occupancy@production' }),
        expect.objectContaining({ ...training, fields: expect.arrayContaining(['key', 'co2Mean']) }),
      ]),
    );
    expect(await usesOf('labels')).toContainEqual(
      expect.objectContaining({ ...training, fields: expect.arrayContaining(['occupied']) }),
    );
  });
});
