import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines as api } from '@penstock/contracts';
import { deleteTopics, type Kafka, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { kindSchema, placeSchema, readingSchema, referringDocument } from '../testing/referring.ts';

let own: TestedGateway;
let front: TestedGateway;
let kafka: Kafka;
const made: string[] = [];
beforeAll(async () => {
  own = await openGateway();
  front = await openGateway({
    ...ownTopics(),
    PENSTOCK_UPSTREAM: own.url,
    PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'),
    PENSTOCK_UPSTREAM_FRESH_MS: '100',
    PENSTOCK_UPSTREAM_POLL_MS: '100',
  });
  kafka = openKafka({ brokers: [brokers().kafka] });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
  await deleteTopics(kafka, made);
  await kafka[Symbol.asyncDispose]();
});

interface Applied {
  readonly pipeline: string;
  readonly document: api.Document;
  readonly changes: api.Changes;
}

async function apply(gateway: TestedGateway, document: api.Document): Promise<api.Changes> {
  using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
  const { changes } = await client.apply({ document });
  if (changes === undefined) throw new Error('no changes');
  made.push(...changes.topics.map(({ topic }) => topic));
  return changes;
}

/** With what it refers to registered by somebody else before. */
async function applied(gateway: TestedGateway): Promise<Applied> {
  const pipeline = randomName('rooms').replace('_', '-');
  const document = referringDocument(pipeline, `${pipeline}.places`);
  await register(`${pipeline}.places`, { schema: placeSchema });
  return { pipeline, document, changes: await apply(gateway, document) };
}

function register(subject: string, body: object, gateway = own): Promise<RestAnswer> {
  return ask(gateway.url, `POST /subjects/${subject}/versions`, { body });
}

async function listed(pipeline: string): Promise<api.Pipeline | undefined> {
  using client = createGrpcClient(api.PipelinesServiceClient, own.address);
  return (await client.list({})).pipelines.find((each) => each.pipeline === pipeline);
}

const referencesOf = (pipeline: string, kinds: number): object[] => [
  { name: 'rooms.Kind', subject: `${pipeline}.kinds`, version: kinds },
  { name: 'rooms.Place', subject: `${pipeline}.places`, version: 1 },
];

test.each(['own', 'front'] as const)('what schemas refer to is registered before them (%s)', async (which) => {
  const gateway = which === 'own' ? own : front;
  const { pipeline, document, changes } = await applied(gateway);
  const told = changes.schemas.map(({ subject, version, registered }) => [subject, version, registered]);
  expect(told).toEqual([
    [`${pipeline}.kinds`, 1, true],
    [`${pipeline}.raw-value`, 1, true],
    [`${pipeline}.hot-value`, 1, true],
  ]);
  expect((await ask(own.url, `GET /subjects/${pipeline}.raw-value/versions/1`)).body).toMatchObject({
    references: referencesOf(pipeline, 1),
  });
  const again = await apply(gateway, document);
  expect([again.version, again.previousVersion]).toEqual([changes.version, changes.version]);
  expect(again.schemas.some(({ registered }) => registered)).toBe(false);
});

test('a later version of what is referred to concerns a pipeline when it is referred to', async () => {
  const { pipeline, document, changes } = await applied(own);
  await ask(own.url, `PUT /config/${pipeline}.kinds`, { body: { compatibility: 'NONE' } });
  await ask(own.url, `PUT /config/${pipeline}.raw-value`, { body: { compatibility: 'NONE' } });
  const record = '{"type":"record","name":"rooms.Kind","fields":[{"name":"code","type":"int"}]}';
  expect(await register(`${pipeline}.kinds`, { schema: record })).toMatchObject({ status: 200 });
  expect((await listed(pipeline))?.version).toBe(changes.version);

  const wanted = { schema: readingSchema, references: referencesOf(pipeline, 2) };
  for (const gateway of [own, front]) {
    if (gateway === front) await apply(front, document);
    const refused = await register(`${pipeline}.raw-value`, wanted, gateway);
    expect(refused).toMatchObject({ status: 409 });
    expect((refused.body as { message: string }).message).toContain(`${pipeline} › hot › kind: `);
  }
  expect(await register(`${pipeline}.kinds`, { schema: kindSchema.replace('"CO2"', '"CO2","LIGHT"') })).toMatchObject({
    status: 200,
  });
  const more = { ...wanted, references: referencesOf(pipeline, 3) };
  expect(await register(`${pipeline}.raw-value`, more)).toMatchObject({ status: 200 });
  const after = await listed(pipeline);
  expect(after?.schemas.get(`${pipeline}.raw-value`)?.version).toBe(2);
  expect(after?.unreadable).toBe('');
});

test('what is referred to and is not there is told where the document asks for it', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  for (const gateway of [own, front]) {
    using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
    const text = (wanted: string): api.Document => {
      const document = referringDocument(pipeline, `${pipeline}.places`);
      return { ...document, text: document.text.replace(`${pipeline}.places`, wanted) };
    };
    const missing = await client.check({ document: text(`${pipeline}.nowhere, version: 3`) });
    expect(missing.complaints).toEqual([
      expect.objectContaining({
        path: 'schemas["rooms.Place"]',
        message: `version 3 of ${pipeline}.nowhere is not registered`,
        line: 5,
      }),
    ]);
  }
});
