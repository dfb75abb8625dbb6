import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schema as api, pipelines as pipelinesApi } from '@penstock/contracts';
import { createGrpcClient, hashPassword } from '@penstock/service';
import { randomName, until } from '@penstock/testing';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { ask, openGateway, ownTopics, type RestAnswer, type RestQuestion, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';
import { roomsDocument } from '../testing/rooms.ts';

/** Rights and audit, in front of a registry that knows of neither. */
const topics = ownTopics();
let folder: AccessFolder;
let upstream: TestedGateway;
let front: TestedGateway;
beforeAll(async () => {
  folder = createAccessFolder();
  folder.write({
    access: 1,
    principals: {
      root: { password: await hashPassword('root-secret'), grants: [{ role: 'admin' }] },
      ada: { password: await hashPassword('ada-secret'), grants: [{ role: 'writer', subjects: ['mine.*'] }] },
      olga: {
        password: await hashPassword('olga-secret'),
        grants: [{ role: 'operator', subjects: ['mine.*'], pipelines: ['*'] }],
      },
    },
  });
  upstream = await openGateway();
  front = await openGateway({
    ...topics,
    PENSTOCK_UPSTREAM: upstream.url,
    PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'),
    PENSTOCK_ACCESS: folder.file,
  });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const authorizationOf = (name: string): string => `Basic ${Buffer.from(`${name}:${name}-secret`).toString('base64')}`;
const as = (name: string) => ({ metadata: { authorization: authorizationOf(name) } });
const body = { schema: '"string"' };

function rest(name: string, line: string, question: RestQuestion = {}): Promise<RestAnswer> {
  return ask(front.url, line, { ...question, headers: { authorization: authorizationOf(name) } });
}

test('a subject is written by whom it belongs to, whatever stands in the path, and it is noted who did', async () => {
  expect((await ask(front.url, 'GET /subjects')).status).toBe(401);
  expect((await rest('ada', 'POST /subjects/mine.a/versions', { body })).status).toBe(200);
  for (const path of ['/subjects/others.a/versions', '/contexts/.c/subjects/mine.a/versions', '//subjects/others.a/versions']) {
    expect([path, (await rest('ada', `POST ${path}`, { body })).status]).toEqual([path, 403]);
  }
  expect((await rest('ada', 'POST /subjects/mine.x%2F..%2F..%2Fothers.a/versions', { body })).status).toBe(400);
  expect((await ask(upstream.url, 'GET /subjects')).body).toEqual(['mine.a']);
  const noted = async () => (await readAudit(String(topics['PENSTOCK_AUDIT_TOPIC']))).find(({ outcome }) => outcome === 'done');
  expect(await until(noted, { deadlineMs: 5_000, what: 'the record of the audit' })).toMatchObject({
    principal: 'ada',
    subject: 'mine.a',
  });
});

test('lists and ids show what the caller may see', async () => {
  expect((await rest('root', 'POST /subjects/others.b/versions', { body: { schema: '"long"' } })).body).toMatchObject({
    id: 2,
  });
  using schemas = createGrpcClient(api.SchemaServiceClient, front.address);
  expect((await schemas.listSubjects({ prefix: '', deleted: false }, as('ada'))).subjects).toEqual(['mine.a']);
  expect((await schemas.getSchema({ id: 1, context: '' }, as('ada'))).versions).toEqual([{ subject: 'mine.a', version: 1 }]);
  await expect(schemas.getSchema({ id: 2, context: '' }, as('ada'))).rejects.toMatchObject({
    code: expect.stringMatching(/denied|unknown/),
  });
});

test('a document registers nothing that its caller may not', async () => {
  using client = createGrpcClient(pipelinesApi.PipelinesServiceClient, front.address);
  const document = roomsDocument(randomName('rooms').replace('_', '-'));
  await expect(client.apply({ document }, as('olga'))).rejects.toMatchObject({ code: 'access.denied' });
  expect((await ask(upstream.url, 'GET /subjects?subjectPrefix=rooms')).body).toEqual([]);
});
