import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Compatibility, SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schema as api } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { randomName } from '@penstock/testing';
import { ask, openGateway, ownTopics, type RestQuestion, type TestedGateway } from '../testing/open-gateway.ts';

/** A gateway in front of another one, which stands for any registry. */
let upstream: TestedGateway;
let front: TestedGateway;
let client: SchemaRegistryClient;
beforeAll(async () => {
  upstream = await openGateway();
  front = await openFront(upstream.url);
  client = new SchemaRegistryClient({ baseURLs: [front.url] });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

function openFront(url: string, env: NodeJS.ProcessEnv = {}): Promise<TestedGateway> {
  return openGateway({ ...ownTopics(), PENSTOCK_UPSTREAM: url, PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'), ...env });
}

const avro = (...fields: string[]): string =>
  JSON.stringify({ type: 'record', name: 'R', fields: fields.map((name) => ({ name, type: 'string' })) });

describe('callers notice no difference', () => {
  const subject = `${randomName('a')}/b%-value`;
  const path = encodeURIComponent(subject);
  beforeAll(async () => {
    await ask(upstream.url, `POST /subjects/${path}/versions`, { body: { schema: avro('a') } });
  });

  test.each<[string, RestQuestion]>([
    ['GET /', {}],
    ['GET /subjects', {}],
    ['GET /subjects?subjectPrefix=a&limit=1', {}],
    ['GET /schemas/types', {}],
    ['GET /schemas/ids/1', {}],
    ['GET /schemas/ids/1/schema', {}],
    ['GET /schemas/ids/1/versions', {}],
    ['GET /schemas/ids/1?fetchMaxId=true', {}],
    ['GET /schemas/ids/999', {}],
    ['GET /schemas/ids/x', {}],
    [`GET /subjects/${path}/versions`, {}],
    [`GET /subjects/${path}/versions/latest`, {}],
    [`GET /subjects/${path}/versions/1`, {}],
    [`GET /subjects/${path}/versions/7`, {}],
    [`GET /subjects/${path}/versions/0`, {}],
    ['GET /subjects/none/versions', {}],
    ['GET /config', {}],
    ['GET /config/none', {}],
    ['GET /mode', {}],
    ['GET /contexts', {}],
    ['GET /no/such/path', {}],
    ['PATCH /subjects', {}],
    [`POST /subjects/${path}`, { body: { schema: avro('a') } }],
    [`POST /subjects/${path}`, { body: { schema: avro('b') } }],
    [`POST /subjects/${path}`, { body: '{"schema":' }],
    [`POST /subjects/${path}/versions`, { body: { schema: avro('a') } }],
    [`POST /subjects/${path}/versions`, { body: { schema: avro('b') } }],
    [`POST /subjects/${path}/versions`, { body: { schema: 'nonsense' } }],
    [`POST /subjects/${path}/versions`, { body: {}, headers: { 'content-type': 'text/plain' } }],
    [`POST /compatibility/subjects/${path}/versions/latest?verbose=true`, { body: { schema: avro('b') } }],
    ['GET /subjects', { headers: { accept: 'application/json' } }],
    ['GET /subjects', { headers: { accept: 'text/html' } }],
    ['DELETE /subjects/none', {}],
    ['PUT /config', { body: { compatibility: 'wrong' } }],
  ])('%s', async (line, question) => {
    const direct = await ask(upstream.url, line, question);
    for (let each = 0; each < 2; each++) expect(await ask(front.url, line, question)).toEqual(direct);
  });
});

test('what one wrote is read at once, by the client of Confluent', async () => {
  const subject = `${randomName('client')}-value`;
  await client.updateCompatibility(subject, Compatibility.NONE);
  const first = await client.register(subject, { schema: avro('a'), schemaType: 'AVRO' });
  expect(await client.getAllVersions(subject)).toEqual([1]);
  const second = await client.register(subject, { schema: avro('b'), schemaType: 'AVRO' });
  expect(second).toBeGreaterThan(first);
  expect(await client.getAllVersions(subject)).toEqual([1, 2]);
  expect(await client.getLatestSchemaMetadata(subject)).toMatchObject({ id: second, version: 2 });
  await client.deleteSubject(subject);
  expect((await ask(front.url, `GET /subjects/${subject}/versions`)).body).toMatchObject({ error_code: 40_401 });
  expect(front.lines).toContainEqual(expect.objectContaining({ event: 'schema.registered', subject, id: second }));
  expect(front.lines).toContainEqual(expect.objectContaining({ event: 'schema.subject-deleted', subject }));
});

test.each([
  'PUT /config/mine/%2e%2e/other',
  'PUT /config/%2E%2E',
  'PUT /config/mine%2F..%2Fother',
  'PUT /config/mine%5C..%5Cother',
  'GET /subjects/./s',
])('a path that leads elsewhere is refused: %s', async (line) => {
  const [method = '', path = ''] = line.split(' ');
  const { hostname, port } = new URL(front.url);
  const answered = Promise.withResolvers<number | undefined>();
  const body = line.startsWith('PUT') ? '{"compatibility":"NONE"}' : '';
  // Other than fetch this sends the path as it stands.
  request({ hostname, port, method, path, headers: { 'content-type': 'application/json' } }, (response) => {
    response.resume();
    answered.resolve(response.statusCode);
  }).end(body);
  expect(await answered.promise).toBe(400);
});

test('what stands in a name stays in it', async () => {
  const subject = randomName('a;b\\c');
  const path = `/subjects/${randomName('a')};version=1%5Cx${encodeURIComponent(subject)}`;
  expect(await ask(front.url, `POST ${path}/versions`, { body: { schema: avro('a') } })).toMatchObject({ status: 200 });
  const wanted = decodeURIComponent(path.slice('/subjects/'.length));
  expect((await ask(upstream.url, 'GET /subjects')).body).toContain(wanted);
});

test('a dry run registers nothing, whatever upstream knows of them', async () => {
  const subject = randomName('dry');
  const { status, body } = await ask(front.url, `POST /subjects/${subject}/versions?dryRun=true`, {
    body: { schema: avro('a') },
  });
  expect([status, body]).toEqual([200, { id: 0 }]);
  expect((await ask(upstream.url, `GET /subjects/${subject}/versions`)).status).toBe(404);
});

test('schema.v1 says the same', async () => {
  using schemas = createGrpcClient(api.SchemaServiceClient, front.address);
  const subject = `${randomName('grpc')}-value`;
  const schema = { format: api.SchemaFormat.AVRO, text: avro('c'), references: [] };
  const plain = { normalize: false, dryRun: false, overrideReason: '' };
  const breaking = { ...schema, text: avro('c', 'd') };
  const { id, version } = await schemas.register({ subject, schema, ...plain });
  expect(version).toBe(1);
  expect((await schemas.getVersion({ subject, version: 0, deleted: false })).version).toMatchObject({
    id,
    version: 1,
    schema,
    deleted: false,
  });
  expect((await schemas.lookup({ subject, schema, normalize: false, deleted: false })).version).toMatchObject({ id, version: 1 });
  const found = await schemas.getSchema({ id, context: '' });
  expect(found).toMatchObject({ schema, versions: [{ subject, version: 1 }] });
  expect(await schemas.getSchema({ id: 0, context: '', guid: found.guid })).toEqual(found);
  const checked = await schemas.check({ subject, schema: breaking, version: 0 });
  expect(checked).toMatchObject({ compatible: false, compatibility: api.Compatibility.BACKWARD });
  expect(checked.incompatibilities.length).toBeGreaterThan(0);
  await expect(schemas.register({ subject, schema: breaking, ...plain })).rejects.toMatchObject({
    code: 'registry.incompatible',
  });
  await schemas.setConfig({ subject, compatibility: api.Compatibility.NONE });
  expect(await schemas.getConfig({ subject })).toMatchObject({
    own: true,
    config: { compatibility: api.Compatibility.NONE, guard: true },
  });
  expect((await schemas.register({ subject, schema: breaking, ...plain })).version).toBe(2);
  await schemas.deleteVersion({ subject, version: 1, permanent: false });
  const listed = await schemas.listVersions({ subject, deleted: true, latestOnly: false });
  expect(listed.versions.map((each) => [each.version, each.deleted])).toEqual([
    [1, true],
    [2, false],
  ]);
  expect((await schemas.listSubjects({ prefix: subject, deleted: false })).subjects).toEqual([subject]);
  await expect(schemas.getVersion({ subject: 'none', version: 0, deleted: false })).rejects.toMatchObject({
    code: 'registry.unknown-subject',
  });
  const watching = schemas.watch({ prefix: '' })[Symbol.asyncIterator]();
  await expect(watching.next()).rejects.toMatchObject({ code: 'gateway.not-upstream' });
});

describe('a registry that wants a login', () => {
  let locked: Server;
  const seen: (string | undefined)[] = [];
  beforeAll(async () => {
    locked = createServer(({ headers }, response) => {
      seen.push(headers.authorization);
      const isIn = headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`;
      response.writeHead(isIn ? 200 : 401, { 'content-type': 'application/json' }).end(isIn ? '[]' : '{"error_code":401}');
    });
    await new Promise<void>((resolve) => locked.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void locked.close());

  test('sees the login of the gateway, never that of a caller', async () => {
    const url = `http://127.0.0.1:${(locked.address() as AddressInfo).port}`;
    await using gateway = await openFront(url, { PENSTOCK_UPSTREAM_USER: 'me', PENSTOCK_UPSTREAM_PASSWORD: 'secret' });
    const headers = { authorization: 'Basic bWU6b3RoZXI=' };
    expect(await ask(gateway.url, 'GET /subjects', { headers })).toMatchObject({ status: 200, body: [] });
    await using stranger = await openFront(url);
    expect(await ask(stranger.url, 'GET /subjects', { headers })).toMatchObject({ status: 503, body: { error_code: 50_301 } });
    expect(seen).not.toContain(headers.authorization);
  });
});
