import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { ask, openGateway, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';

const avro = (fields: string): string => `{"type":"record","name":"R","fields":[${fields}]}`;
const a = '{"name":"a","type":"int"}';
const b = '{"name":"b","type":["null","int"],"default":null}';
const rule = { name: 'positive', type: 'CEL', kind: 'CONDITION', mode: 'WRITE', expr: 'message.a > 0', disabled: false };

let gateway: TestedGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const headers = { 'confluent-accept-unknown-properties': 'true' };
const call = (line: string, body?: unknown): Promise<RestAnswer> => ask(gateway.url, line, { body, headers });
const says = async (line: string, body?: unknown): Promise<unknown> => (await call(line, body)).body;
const fails = async (line: string, body?: unknown): Promise<unknown> =>
  ((await says(line, body)) as { error_code: number }).error_code;
const subject = (): string => randomName('subject');
const context = (): string => `.c${randomName('x').replaceAll(/[-_]/g, '')}`;
const versions = (name: string): string => `POST /subjects/${name}/versions`;

describe('versions that are asked for', () => {
  test('have the number that was said, and their metadata name it', async () => {
    const name = subject();
    const named = { metadata: { properties: { 'confluent:version': '1' } } };
    expect(await says(versions(name), { schema: avro(a), version: 1 })).toMatchObject({ version: 1, ...named });
    expect(await says(versions(name), { schema: avro(a) })).toMatchObject({ version: 1 });
    expect(await fails(versions(name), { schema: avro(`${a},${b}`), version: 7 })).toBe(42_201);
    expect(await says(versions(name), { schema: avro(`${a},${b}`), version: -1 })).toMatchObject({ version: 2 });
    expect(await says(`POST /subjects/${name}`, { schema: avro(a) })).toMatchObject({ version: 1 });
  });

  test('without a text are those before them, with other metadata', async () => {
    const name = subject();
    expect(await fails(versions(name), { metadata: {} })).toBe(42_201);
    await says(versions(name), { schema: avro(a) });
    const answer = await says(versions(name), { metadata: { properties: { owner: 'us' } } });
    expect(answer).toMatchObject({ version: 2, schema: avro(a), metadata: { properties: { owner: 'us' } } });
    expect(await fails(`POST /subjects/${name}`, { schema: '' })).toBe(40_403);
    expect(await fails(`POST /compatibility/subjects/${name}/versions`, { schema: '' })).toBe(42_201);
  });
});

describe('tags', () => {
  const tagged = (entityPath: string, ...tags: string[]): object => ({
    schemaEntity: { entityPath, entityType: 'sr_field' },
    tags,
  });

  test('make the next version, with metadata and rules', async () => {
    const name = subject();
    await says(versions(name), { schema: avro(a), ruleSet: { domainRules: [rule] } });
    const path = `POST /subjects/${name}/versions/latest/tags`;
    const more = { ...rule, name: 'more' };
    const request = { newVersion: 2, tagsToAdd: [tagged('R.a', 'PII', 'X')], rulesToMerge: { domainRules: [more] } };
    expect(await says(path, request)).toMatchObject({
      ...{ version: 2, schema: avro('{"name":"a","type":"int","confluent:tags":["PII","X"]}') },
      ...{ metadata: { properties: { 'confluent:version': '2' } }, ruleSet: { domainRules: [rule, more] } },
    });
    const answer = await says(path, { tagsToRemove: [tagged('R.a', 'X')], rulesToRemove: ['positive'] });
    expect(answer).toMatchObject({ version: 3, ruleSet: { domainRules: [more] } });
    expect(await says(`GET /subjects/${name}/versions/3?findTags=PII`)).toMatchObject({ schemaTags: [tagged('R.a', 'PII')] });
    expect(await says(`GET /subjects/${name}/versions/3?findTags=X`)).not.toHaveProperty('schemaTags');
    expect(await fails(path, { tagsToAdd: [tagged('R.none', 'X')] })).toBe(42_201);
    expect(await fails(path, { newVersion: 9, tagsToAdd: [tagged('R.a', 'Z')] })).toBe(42_201);
    expect(await fails(path, { ruleSet: {}, rulesToRemove: ['more'] })).toBe(42_210);
    expect(await fails(`POST /subjects/${name}/versions/9/tags`, {})).toBe(40_402);
  });

  test('come with a schema that is registered, and from the version before it', async () => {
    const name = subject();
    const added = { schema: avro(a), schemaTagsToAdd: [tagged('R.a', 'PII')] };
    expect(await says(versions(name), added)).toMatchObject({ version: 1, schema: expect.stringContaining('"PII"') });
    const next = { schema: avro(`${a},${b}`), propagateSchemaTags: true };
    expect(await says(versions(name), next)).toMatchObject({ version: 2, schema: expect.stringContaining('"PII"') });
  });
});

describe('contexts', () => {
  test('are there with their first schema, are looked into for what has no context, and go when they are empty', async () => {
    const [name, other] = [subject(), context()];
    const inside = encodeURIComponent(`:${other}:${name}`);
    const schema = avro(`{"name":"${name.replaceAll('-', '_')}","type":"int"}`);
    const { id } = (await says(versions(inside), { schema })) as { id: number };
    const found = { subject: `:${other}:${name}`, version: 1, id };
    expect(await says(`GET /subjects/${name}/versions/1`)).toMatchObject(found);
    expect(await says(`POST /subjects/${name}`, { schema })).toMatchObject(found);
    expect(await says(`GET /schemas/ids/${id}?subject=${name}`)).toMatchObject({ schema, subject: found.subject, version: 1 });
    expect(await fails(`GET /subjects/${name}/versions`)).toBe(40_401);
    expect(await says(`GET /subjects?subjectPrefix=:*:${name}`)).toEqual([found.subject]);
    expect(await says('GET /contexts')).toContain(other);
    expect(await fails(`DELETE /contexts/${other}`)).toBe(42_211);
    await says(`DELETE /subjects/${inside}`);
    await says(`DELETE /subjects/${inside}?permanent=true`);
    expect(await call(`DELETE /contexts/:${other}:`)).toMatchObject({ status: 204, text: '' });
    expect(await says('GET /contexts')).not.toContain(other);
  });

  test('lose the modes of all their subjects at once', async () => {
    const other = context();
    for (const name of [`:${other}:`, `:${other}:s`]) await says(`PUT /mode/${name}`, { mode: 'READONLY' });
    expect(await says(`DELETE /mode/:${other}:?recursive=true`)).toEqual({ mode: 'READONLY' });
    expect(await fails(`GET /mode/:${other}:s`)).toBe(40_409);
    expect(await says(`DELETE /mode/:${other}:?recursive=true`)).toEqual({});
  });
});

describe('lists', () => {
  test('without a context are of the default one, but all subjects where nothing is said', async () => {
    const [name, other] = [subject(), context()];
    const inside = `:.${other.slice(1)}:${name}`;
    for (const each of [name, encodeURIComponent(inside)]) await says(versions(each), { schema: avro(a) });
    expect(await says('GET /subjects')).toEqual(expect.arrayContaining([name, inside]));
    expect(await says('GET /subjects?subjectPrefix=')).not.toContain(inside);
    expect(await says(`GET /subjects?subjectPrefix=${name}`)).toEqual([name]);
    expect(await says(`GET /subjects?subjectPrefix=:.:${name}`)).toEqual([name]);
    expect(await says(`GET /subjects?subjectPrefix=:${other}:`)).toEqual([inside]);
    const listed = (await says('GET /schemas')) as { subject: string }[];
    expect(listed.some((each) => each.subject === inside)).toBe(false);
    expect(await says(`GET /schemas?subjectPrefix=:*:${name}`)).toMatchObject([{ subject: inside }, { subject: name }]);
  });

  test('say what was deleted as negative numbers, and who refers though deleted', async () => {
    const [name, other] = [subject(), subject()];
    await says(versions(name), { schema: avro(a) });
    await says(versions(name), { schema: avro(`${a},${b}`) });
    const references = [{ name: 'R', subject: name, version: 2 }];
    const { id } = (await says(versions(other), { schema: '{"type":"array","items":"R"}', references })) as { id: number };
    await says(`DELETE /subjects/${other}`);
    expect(await says(`GET /subjects/${name}/versions/2/referencedby`)).toEqual([]);
    expect(await says(`GET /subjects/${name}/versions/2/referencedby?deleted=true&limit=0`)).toEqual([id]);
    await says(`DELETE /subjects/${name}/versions/1`);
    expect(await says(`GET /subjects/${name}/versions?deletedAsNegative=true`)).toEqual([-1, 2]);
    expect(await fails(`DELETE /subjects/${name}/versions/2?permanent=true`)).toBe(42_206);
  });

  test('of schemas know aliases, and the types of rules', async () => {
    const [name, alias] = [subject(), subject()];
    await says(versions(name), { schema: avro(a), ruleSet: { domainRules: [rule] } });
    await says(`PUT /config/${alias}`, { alias: name });
    const listed = async (query: string): Promise<unknown[]> => (await says(`GET /schemas?${query}`)) as unknown[];
    expect(await listed(`subjectPrefix=${alias}`)).toEqual([]);
    expect(await listed(`subjectPrefix=${alias}&aliases=true`)).toMatchObject([{ subject: name, aliases: [alias] }]);
    expect(await listed(`subjectPrefix=${name}&ruleType=CEL`)).toHaveLength(1);
    expect(await listed(`subjectPrefix=${name}&ruleType=ENCRYPT`)).toEqual([]);
    expect(await listed(`subjectPrefix=${name}&lifecycle=STRONG`)).toEqual([]);
    expect(await listed(`subjectPrefix=${name}&lifecycle=STRONG&lifecycle=NONE`)).toHaveLength(1);
  });
});

test('what a check says of a schema that is none, and of a version that is none', async () => {
  const name = subject();
  const path = `POST /compatibility/subjects/${name}/versions`;
  expect(await fails(path, { schema: '{' })).toBe(42_201);
  expect(await says(`${path}?verbose=true`, { schema: '{' })).toEqual({ is_compatible: false, messages: [expect.any(String)] });
  expect(await fails(`${path}/3`, { schema: avro(a) })).toBe(40_402);
});

test.each<[string, unknown]>([
  ['POST /', {}],
  ['GET /v1/metadata/deployment', { attributes: [] }],
])('%s', async (line, answer) => {
  expect(await call(line, line.startsWith('POST') ? {} : undefined)).toMatchObject({ status: 200, body: answer });
});
