import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines, schema } from '@penstock/contracts';
import { describeTopics, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';
import { roomsDocument } from '../testing/rooms.ts';

/** Rights where the schemas lie in another registry; and those of who applies a document, where they lie here. */
const topics = ownTopics();
const writer = { authorization: 'Bearer writer-writer-writer' };
const reader = { authorization: 'Bearer reader-reader-reader' };
const admin = { authorization: 'Bearer admin-admin-admin-admin' };
const operator = { authorization: 'Bearer operator-operator' };
const subject = randomName('front');
let folder: AccessFolder;
let upstream: TestedGateway;
let front: TestedGateway;

beforeAll(async () => {
  folder = createAccessFolder();
  folder.write({
    access: 1,
    principals: {
      writer: { tokens: ['writer-writer-writer'], grants: [{ role: 'writer', subjects: ['front*'] }] },
      reader: { tokens: ['reader-reader-reader'], grants: [{ role: 'viewer' }] },
      admin: { tokens: ['admin-admin-admin-admin'], grants: [{ role: 'admin', subjects: ['front*'] }] },
      operator: { tokens: ['operator-operator'], grants: [{ role: 'operator', pipelines: ['rooms*'] }] },
    },
  });
  upstream = await openGateway();
  const env = { PENSTOCK_UPSTREAM: upstream.url, PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'), PENSTOCK_ACCESS: folder.file };
  front = await openGateway({ ...topics, ...env });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const rest = (line: string, headers: Record<string, string>, body?: unknown): Promise<RestAnswer> =>
  ask(front.url, line, { headers, body });

test('upstream is asked for those who may', async () => {
  const registered = await rest(`POST /subjects/${subject}/versions`, writer, { schema: '"string"' });
  expect(registered).toMatchObject({ status: 200, body: { id: 1 } });
  expect((await rest(`GET /subjects/${subject}/versions/1`, writer)).status).toBe(200);
  expect((await rest('POST /subjects/other/versions', writer, { schema: '"string"' })).status).toBe(403);
  expect((await rest(`POST /subjects/${subject}/versions`, reader, { schema: '"int"' })).status).toBe(403);
  expect((await rest('GET /subjects', {})).status).toBe(401);
});

test('what upstream lists over REST is for those who may read everything; over gRPC it shows what one may see', async () => {
  for (const path of ['/subjects', '/schemas', '/schemas/ids/1', '/schemas/ids/1/schema', '/contexts']) {
    expect([path, (await rest(`GET ${path}`, reader)).status, (await rest(`GET ${path}`, writer)).status]).toEqual([
      path,
      200,
      403,
    ]);
  }
  using client = createGrpcClient(schema.SchemaServiceClient, front.address, { retries: 0 });
  expect((await client.getSchema({ id: 1, context: '' }, { metadata: writer })).versions.map((each) => each.subject)).toEqual([
    subject,
  ]);
  await ask(upstream.url, 'POST /subjects/other/versions', { body: { schema: '"bytes"' } });
  await expect(client.getSchema({ id: 2, context: '' }, { metadata: writer })).rejects.toMatchObject({ code: 'access.denied' });
  expect((await client.listSubjects({ prefix: '', deleted: false }, { metadata: writer })).subjects).toEqual([subject]);
  expect((await client.getSchema({ id: 1, context: '' }, { metadata: reader })).schema?.text).toBe('"string"');
});

test('no path leads around a right', async () => {
  const paths = [
    `/subjects/${subject}%2F..%2Fother/versions`,
    `/subjects/${subject}/versions/..%2F..%2F..%2Fconfig`,
    `//subjects/other/versions`,
    `/contexts/.lab/subjects/${subject}/versions`,
    '/no/such/path',
  ];
  for (const path of paths)
    expect([path, (await rest(`GET ${path}`, writer)).status]).toEqual([path, path.includes('..') ? 400 : 403]);
  const twice = `DELETE /subjects/${subject}?permanent=false&permanent=true`;
  expect((await rest(twice, writer)).status).toBe(403);
});

test('what upstream was told to do stands in the audit', async () => {
  using client = createGrpcClient(schema.SchemaServiceClient, front.address, { retries: 0 });
  const wanted = { subject, schema: { format: schema.SchemaFormat.AVRO, text: '"bytes"', references: [] }, normalize: false };
  await client.setConfig(schema.SetConfigRequest.fromPartial({ subject, compatibility: schema.Compatibility.NONE }), {
    metadata: admin,
  });
  await client.register({ ...wanted, dryRun: true, overrideReason: '' }, { metadata: writer });
  await client.register({ ...wanted, dryRun: false, overrideReason: '' }, { metadata: writer });
  expect(await rest(`DELETE /subjects/${subject}/versions/2`, admin)).toMatchObject({ status: 200 });
  // Whoever has the answer finds the record.
  const records = await readAudit(String(topics['PENSTOCK_AUDIT_TOPIC']));
  const done = records
    .filter(({ outcome }) => outcome === 'done')
    .map(({ principal, door, action }) => [principal, door, action]);
  expect(done).toEqual([
    ['writer', 'rest', 'schema.register'],
    ['admin', 'grpc', 'config.set'],
    ['writer', 'grpc', 'schema.register'],
    ['admin', 'rest', 'schema.delete'],
  ]);
});

test('who may run a pipeline may not register what he likes through its document', async () => {
  await using own = await openGateway({ ...ownTopics(), PENSTOCK_ACCESS: folder.file });
  using client = createGrpcClient(pipelines.PipelinesServiceClient, own.address, { retries: 0 });
  const pipeline = randomName('rooms').replace('_', '-');
  const document = roomsDocument(pipeline);
  await expect(client.apply({ document }, { metadata: operator })).rejects.toMatchObject({
    code: 'access.denied',
    message: expect.stringContaining('the document registers a schema for'),
  });
  await expect(client.apply({ document }, { metadata: writer })).rejects.toMatchObject({ code: 'access.denied' });
  expect(await client.list({}, { metadata: reader })).toEqual({ pipelines: [] });
  await using kafka = openKafka({ brokers: [brokers().kafka] });
  await expect(describeTopics(kafka, [`${pipeline}.raw`])).rejects.toThrow('does not exist');
});
