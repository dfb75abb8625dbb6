import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines as api } from '@penstock/contracts';
import { deleteTopics, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { createAccessFolder } from '../testing/access-file.ts';
import { ask, openGateway, ownTopics, type TestedGateway } from '../testing/open-gateway.ts';
import { readingProto, roomsDocument } from '../testing/rooms.ts';

/** Each question is asked until its answer is kept, then something changes. */
const one = { schema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}' };
const two = { schema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}' };

let gateway: TestedGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const headers = { 'confluent-accept-unknown-properties': 'true' };
const call = async (line: string, body?: unknown): Promise<unknown> => (await ask(gateway.url, line, { body, headers })).body;

async function asHabit(line: string, body?: unknown): Promise<unknown> {
  await call(line, body);
  await call(line, body);
  return call(line, body);
}

async function registered(...schemas: readonly object[]): Promise<string> {
  const subject = randomName('kept');
  for (const schema of schemas) await call(`POST /subjects/${subject}/versions`, schema);
  return subject;
}

test('a version that is added is the latest at once', async () => {
  const subject = await registered(one);
  await call(`PUT /config/${subject}`, { compatibility: 'NONE' });
  expect(await asHabit(`GET /subjects/${subject}/versions/latest`)).toMatchObject({ version: 1 });
  expect(await asHabit(`GET /subjects/${subject}/versions`)).toEqual([1]);
  await call(`POST /subjects/${subject}/versions`, two);
  expect(await call(`GET /subjects/${subject}/versions/latest`)).toMatchObject({ version: 2 });
  expect(await call(`GET /subjects/${subject}/versions`)).toEqual([1, 2]);
});

test('a version that is deleted is found no longer, and registered anew', async () => {
  const subject = await registered(one);
  expect(await asHabit(`POST /subjects/${subject}`, one)).toMatchObject({ version: 1 });
  expect(await asHabit(`POST /subjects/${subject}/versions`, one)).toMatchObject({ version: 1 });
  await call(`DELETE /subjects/${subject}/versions/1`);
  expect(await call(`POST /subjects/${subject}`, one)).toMatchObject({ error_code: 40_401 });
  expect(await call(`POST /subjects/${subject}/versions`, one)).toMatchObject({ version: 2 });
});

test('a verdict goes by the settings and versions of the moment', async () => {
  const subject = await registered(one);
  const check = `POST /compatibility/subjects/${subject}/versions`;
  expect(await asHabit(check, two)).toEqual({ is_compatible: false });
  await call(`PUT /config/${subject}`, { compatibility: 'NONE' });
  expect(await asHabit(check, two)).toEqual({ is_compatible: true });
  await call(`DELETE /config/${subject}`);
  expect(await asHabit(check, two)).toEqual({ is_compatible: false });
  await call(`DELETE /subjects/${subject}`);
  expect(await call(check, two)).toEqual({ is_compatible: true });
});

test('an alias that is set leads elsewhere at once', async () => {
  const subject = await registered(one);
  const other = await registered(two, one);
  expect(await asHabit(`POST /subjects/${subject}`, one)).toMatchObject({ subject, version: 1 });
  await call(`PUT /config/${other}`, { compatibility: 'NONE' });
  await call(`POST /subjects/${other}/versions`, one);
  await call(`PUT /config/${subject}`, { alias: other });
  expect(await call(`POST /subjects/${subject}`, one)).toMatchObject({ subject: other });
});

test('a pipeline that is deployed guards its schema at once', async () => {
  const name = randomName('rooms').replace('_', '-');
  const subject = `${name}.raw-value`;
  const text = readingProto();
  const smaller = { schemaType: 'PROTOBUF', schema: text.replace(/^.*co2_ppm.*\n/m, '') };
  await call(`POST /subjects/${subject}/versions`, { schemaType: 'PROTOBUF', schema: text });
  const check = `POST /compatibility/subjects/${subject}/versions`;
  expect(await asHabit(check, smaller)).toEqual({ is_compatible: true });
  using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
  const { changes } = await client.apply({ document: roomsDocument(name) });
  expect(await call(check, smaller)).toEqual({ is_compatible: false });
  await using kafka = openKafka({ brokers: [brokers().kafka] });
  await deleteTopics(kafka, changes?.topics.map(({ topic }) => topic) ?? []);
});

test('what one caller was shown is not shown to another', async () => {
  using folder = createAccessFolder();
  const tokens = { all: 'all-all-all-all-all', few: 'few-few-few-few-few' };
  folder.write({
    access: 1,
    principals: {
      all: { tokens: [tokens.all], grants: [{ role: 'admin' }] },
      few: { tokens: [tokens.few], grants: [{ role: 'viewer', subjects: ['few.*'] }] },
    },
  });
  await using guarded = await openGateway({ ...ownTopics(), PENSTOCK_ACCESS: folder.file });
  const as = async (token: string, line: string, body?: unknown): Promise<unknown> =>
    (await ask(guarded.url, line, { body, headers: { authorization: `Bearer ${token}` } })).body;
  const { id } = (await as(tokens.all, 'POST /subjects/secret/versions', one)) as { id: number };
  for (let times = 0; times < 3; times += 1) {
    expect(await as(tokens.all, `GET /schemas/ids/${id}`)).toMatchObject(one);
    expect(await as(tokens.all, 'GET /subjects')).toEqual(['secret']);
  }
  expect(await as(tokens.few, `GET /schemas/ids/${id}`)).toMatchObject({ error_code: 40_301 });
  expect(await as(tokens.few, 'GET /subjects')).toEqual([]);
});
