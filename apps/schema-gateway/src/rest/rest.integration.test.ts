import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';

const avro = (fields: string): string => `{"type":"record","name":"R","fields":[${fields}]}`;
const a = '{"name":"a","type":"int"}';
const b = '{"name":"b","type":["null","int"],"default":null}';
const proto = 'syntax = "proto3";\npackage p;\nmessage R {\n  int32 a = 1;\n}\n';

let gateway: TestedGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const call = (line: string, body?: unknown, headers: Record<string, string> = {}): Promise<RestAnswer> =>
  ask(gateway.url, line, { body, headers });
const says = async (line: string, body?: unknown): Promise<unknown> => (await call(line, body)).body;
const subject = (): string => randomName('subject');

describe('registering and finding', () => {
  test('a schema gets an id and a version, and is found by all of them', async () => {
    const name = subject();
    const registered = await call(`POST /subjects/${name}/versions`, { schema: avro(a), later: 'ignored' });
    expect([registered.status, registered.type]).toEqual([200, 'application/vnd.schemaregistry.v1+json']);
    const { id } = registered.body as { id: number };
    expect(registered.body).toEqual({ id });
    const version = { subject: name, version: 1, id, schema: avro(a) };
    expect(await says(`GET /schemas/ids/${id}`)).toEqual({ schema: avro(a) });
    expect(await says(`GET /schemas/ids/${id}?fetchMaxId=true`)).toMatchObject({ schema: avro(a), maxId: expect.any(Number) });
    expect((await call(`GET /schemas/ids/${id}/schema`)).text).toBe(avro(a));
    expect(await says(`GET /schemas/ids/${id}/subjects`)).toEqual([name]);
    expect(await says(`GET /schemas/ids/${id}/versions`)).toEqual([{ subject: name, version: 1 }]);
    for (const asked of ['1', 'latest', '-1']) expect(await says(`GET /subjects/${name}/versions/${asked}`)).toEqual(version);
    expect((await call(`GET /subjects/${name}/versions/1/schema`)).text).toBe(avro(a));
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1]);
    expect(await says(`GET /subjects/${name}/versions/`)).toEqual([1]);
    expect(await says(`POST /subjects/${name}`, { schema: ` ${avro(a)} ` })).toEqual(version);
    expect(await says('GET /subjects')).toContain(name);
    expect(await says(`GET /subjects?subjectPrefix=${name}`)).toEqual([name]);
    expect(await says(`GET /schemas?subjectPrefix=${name}`)).toEqual([version]);
  });

  test('fields of later days are told to those who take them', async () => {
    const path = `POST /subjects/${subject()}/versions`;
    const said = async (headers: Record<string, string>): Promise<string[]> =>
      Object.keys((await call(path, { schema: avro(a) }, headers)).body as object).sort();
    const all = ['guid', 'id', 'schema', 'schemaType', 'version'];
    expect(await said({ 'user-agent': 'franz-go' })).toEqual(all);
    expect(await said({ 'confluent-accept-unknown-properties': 'true' })).toEqual(all);
    expect(await said({})).toEqual(['id']);
  });

  test('a GUID names the same content everywhere', async () => {
    const [one, two] = [subject(), `:.guids:${subject()}`];
    const schema = avro(`${a},{"name":"${randomName('f').replaceAll('-', '_')}","type":"int"}`);
    const wide = { 'confluent-accept-unknown-properties': 'true' };
    const registered = (await call(`POST /subjects/${one}/versions`, { schema }, wide)).body as { id: number; guid: string };
    const { id, guid } = registered;
    expect(registered).toEqual({ id, version: 1, guid, schemaType: 'AVRO', schema });
    await says(`POST /subjects/${encodeURIComponent(two)}/versions`, { schema });
    expect((await call(`GET /subjects/${one}/versions/1`, undefined, wide)).body).toMatchObject({
      ...{ guid, schemaType: 'AVRO', deleted: false },
    });
    const content = { guid, schemaType: 'AVRO', schema, deleted: false };
    expect((await call(`GET /schemas/ids/${id}`, undefined, wide)).body).toEqual(content);
    expect(await says(`GET /schemas/guids/${guid}`)).toEqual({ schema });
    expect(await says(`GET /schemas/guids/${guid}/ids`)).toEqual([
      { context: '.', id },
      { context: '.guids', id: expect.any(Number) },
    ]);
    await says(`DELETE /subjects/${one}`);
    expect((await call(`GET /schemas/ids/${id}`, undefined, wide)).body).toEqual({ ...content, deleted: true });
    await says(`DELETE /subjects/${one}?permanent=true`);
    expect(await says(`GET /schemas/guids/${guid}/ids`)).toEqual([{ context: '.guids', id: expect.any(Number) }]);
    const { schema: descriptor } = (await says(
      `GET /schemas/ids/${((await says(`POST /subjects/${one}-p/versions`, { schema: proto, schemaType: 'PROTOBUF' })) as { id: number }).id}?format=serialized`,
    )) as { schema: string };
    const given = { schema: descriptor, schemaType: 'PROTOBUF' };
    expect((await call(`POST /subjects/${one}-p/versions`, given, wide)).body).toEqual({
      ...{ id: expect.any(Number), version: 1, guid: expect.any(String), schemaType: 'PROTOBUF' }, // no text but the one given
    });
    const unknown = await call('GET /schemas/guids/00000000-0000-0000-0000-000000000000');
    expect([unknown.status, unknown.body]).toMatchObject([404, { error_code: 40_403 }]);
  });

  test('the type is named for all but Avro, references where there are some', async () => {
    const name = subject();
    const { id } = (await says(`POST /subjects/${name}/versions`, { schema: proto, schemaType: 'PROTOBUF' })) as { id: number };
    expect(await says(`GET /schemas/ids/${id}`)).toEqual({ schemaType: 'PROTOBUF', schema: proto });
    expect(await says(`GET /schemas/ids/${id}?format=serialized`)).toMatchObject({
      schema: expect.stringMatching(/^[A-Za-z0-9+/=]+$/),
    });
    const references = [{ name: 'p.proto', subject: name, version: 1 }];
    const schema = 'syntax = "proto3"; import "p.proto"; message S { p.R r = 1; }';
    const other = subject();
    const { id: referring } = (await says(`POST /subjects/${other}/versions`, {
      schema,
      schemaType: 'PROTOBUF',
      references,
    })) as { id: number };
    expect(await says(`GET /schemas/ids/${referring}`)).toEqual({ schemaType: 'PROTOBUF', references, schema });
    expect(await says(`GET /subjects/${name}/versions/1/referencedby`)).toEqual([referring]);
    expect(await call(`DELETE /subjects/${name}/versions/1`)).toMatchObject({ status: 422, body: { error_code: 42_206 } });
  });

  test('an incompatible version is refused with every reason, and checked without being registered', async () => {
    const name = subject();
    await says(`POST /subjects/${name}/versions`, { schema: avro(a) });
    const schema = avro('{"name":"a","type":"string"},{"name":"c","type":"int"}');
    const refused = await call(`POST /subjects/${name}/versions`, { schema });
    expect(refused).toMatchObject({ status: 409, body: { error_code: 409 } });
    expect((refused.body as { message: string }).message).toMatch(/TYPE_MISMATCH.*READER_FIELD_MISSING_DEFAULT_VALUE/);
    const path = `/compatibility/subjects/${name}/versions`;
    expect(await says(`POST ${path}/latest`, { schema })).toEqual({ is_compatible: false });
    expect(await says(`POST ${path}/1?verbose=true`, { schema })).toMatchObject({
      is_compatible: false,
      messages: expect.arrayContaining(["{compatibility: 'BACKWARD'}"]),
    });
    expect(await says(`POST ${path}`, { schema: avro(`${a},${b}`) })).toEqual({ is_compatible: true });
    expect(await says(`POST /compatibility/subjects/${subject()}/versions/latest`, { schema })).toEqual({ is_compatible: true });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1]);
  });

  test('what cannot be judged is not called compatible', async () => {
    const name = subject();
    const json = (more: string): object => ({ schemaType: 'JSON', schema: `{"type":"string"${more}}` });
    const overlapping = json(',"not":{"minLength":2}');
    await says(`POST /subjects/${name}/versions`, json(''));
    expect(await call(`POST /subjects/${name}/versions`, overlapping)).toMatchObject({ status: 501 });
    expect(await call(`POST /compatibility/subjects/${name}/versions/latest`, overlapping)).toMatchObject({ status: 501 });
    await says(`PUT /config/${name}`, { compatibility: 'NONE' });
    expect(await call(`POST /subjects/${name}/versions`, overlapping)).toMatchObject({ status: 200 });
  });

  test('1,000 at a time of one new schema get one id', async () => {
    const name = subject();
    const schema = avro(`{"name":"${name}","type":"int"}`);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => call(`POST /subjects/${name}-${index % 4}/versions`, { schema })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await says(`GET /subjects/${name}-0/versions`)).toEqual([1]);
  });

  test('below a context a path is that of the context', async () => {
    const name = subject();
    const schema = avro(`{"name":"${name}","type":"int"}`);
    const { id } = (await says(`POST /contexts/.below/subjects/${name}/versions`, { schema })) as { id: number };
    const inContext = `:.below:${name}`;
    const version = { subject: inContext, version: 1, id, schema };
    expect(await says(`GET /subjects/${inContext}/versions/1`)).toEqual(version);
    expect(await says(`GET /contexts/:.below:/subjects/${name}/versions/latest`)).toEqual(version);
    expect(await says('GET /contexts/below/subjects')).toEqual([inContext]);
    expect(await says(`GET /contexts/.below/schemas/ids/${id}/subjects`)).toEqual([inContext]);
    expect(await says('PUT /contexts/.below/config', { compatibility: 'NONE' })).toEqual({ compatibility: 'NONE' });
    expect(await says(`GET /config/${inContext}?defaultToGlobal=true`)).toEqual({ compatibilityLevel: 'NONE' });
    expect(await says('GET /contexts?contextPrefix=.belo')).toEqual(['.below']);
    expect(await says('GET /contexts?limit=0')).toContain('.below');
    expect(await call('GET /contexts/a:b/subjects')).toMatchObject({ status: 404 });
    expect(await call(`GET /contexts/:.:/subjects/${name}/versions`)).toMatchObject({
      status: 404,
      body: { error_code: 40_401 },
    });
  });

  test('Avro that refers to others is shown with them', async () => {
    const name = subject();
    await says(`POST /subjects/${name}/versions`, { schema: avro(a) });
    const references = [{ name: 'R', subject: name, version: 1 }];
    const schema = '{"type":"record","name":"S","fields":[{"name":"r","type":"R"}]}';
    const { id } = (await says(`POST /subjects/${name}-s/versions`, { schema, references })) as { id: number };
    expect(await says(`GET /schemas/ids/${id}`)).toEqual({ references, schema });
    const resolved = `{"type":"record","name":"S","fields":[{"name":"r","type":${avro(a).replace(/}$/, ',"namespace":""}')}}]}`;
    expect((await call(`GET /schemas/ids/${id}/schema?format=resolved`)).text).toBe(resolved);
  });

  test('of a key that is given twice the last one counts', async () => {
    const name = subject();
    const twice = avro(a).replace('"type":"record"', '"type":"int","type":"record"');
    expect(await call(`POST /subjects/${name}/versions`, { schema: twice })).toMatchObject({ status: 200 });
    expect(await says(`POST /subjects/${name}`, { schema: avro(a) })).toMatchObject({ version: 1 });
  });

  test('what does not go together is taken by force', async () => {
    const [path, more] = [`/subjects/${subject()}/versions`, avro(`${a},{"name":"c","type":"int"}`)];
    await says(`POST ${path}`, { schema: avro(a) });
    const refused = await call(`POST ${path}`, { schema: more });
    expect(refused.status).toBe(409);
    for (const said of ['{oldSchemaVersion: 1}', '{oldSchema: ', "{compatibility: 'BACKWARD'}"])
      expect(Object(refused.body).message).toContain(said);
    expect(await call(`POST ${path}?force=true`, { schema: more })).toMatchObject({ status: 200 });
    expect(await says(`GET ${path}`)).toEqual([1, 2]);
  });

  test('a dry run answers and changes nothing', async () => {
    const name = subject();
    expect(await call(`POST /subjects/${name}/versions?dryRun=true`, { schema: avro(a) })).toMatchObject({ status: 200 });
    expect(await call(`GET /subjects/${name}/versions`)).toMatchObject({ status: 404 });
  });

  test.each(['with space', 'a/b', '%2F', 'é:ü', '..', '.', 'a?b#c', ':.ctx:s'])('a subject may be called %j', async (given) => {
    const name = `${given}${subject()}`;
    const path = `/subjects/${encodeURIComponent(name)}`;
    const { id } = (await says(`POST ${path}/versions`, { schema: avro(`{"name":"${randomName('f')}","type":"int"}`) })) as {
      id: number;
    };
    expect(await says(`GET ${path}/versions/latest`)).toMatchObject({ subject: name, id });
    expect(await says(`GET /schemas/ids/${id}/subjects?subject=${encodeURIComponent(name)}`)).toEqual([name]);
    expect(await says('GET /subjects')).toContain(name);
  });
});

describe('deleting', () => {
  test('softly, then for good', async () => {
    const name = subject();
    const { id } = (await says(`POST /subjects/${name}/versions`, { schema: avro(a) })) as { id: number };
    await says(`POST /subjects/${name}/versions`, { schema: avro(`${a},${b}`) });
    expect(await call(`DELETE /subjects/${name}/versions/1?permanent=true`)).toMatchObject({
      status: 404,
      body: { error_code: 40_407 },
    });
    expect(await says(`DELETE /subjects/${name}/versions/1`)).toBe(1);
    expect(await call(`DELETE /subjects/${name}/versions/1`)).toMatchObject({ status: 404, body: { error_code: 40_406 } });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([2]);
    expect(await says(`GET /subjects/${name}/versions?deleted=true`)).toEqual([1, 2]);
    expect(await says(`GET /subjects/${name}/versions?deletedOnly=true`)).toEqual([1]);
    expect(await says(`GET /schemas/ids/${id}`)).toEqual({ schema: avro(a) });
    expect(await says(`DELETE /subjects/${name}/versions/1?permanent=true`)).toBe(1);
    expect(await call(`DELETE /subjects/${name}?permanent=true`)).toMatchObject({ status: 404, body: { error_code: 40_405 } });
    expect(await says(`DELETE /subjects/${name}`)).toEqual([2]);
    expect(await call(`DELETE /subjects/${name}`)).toMatchObject({ status: 404, body: { error_code: 40_404 } });
    expect(await says('GET /subjects')).not.toContain(name);
    expect(await says('GET /subjects?deleted=true')).toContain(name);
    expect(await says(`DELETE /subjects/${name}?permanent=true`)).toEqual([2]);
    expect(await call(`GET /subjects/${name}/versions`)).toMatchObject({
      status: 404,
      body: { error_code: 40_401, message: `Subject '${name}' not found.` },
    });
  });
});

describe('about itself', () => {
  test.each<[string, unknown]>([
    ['GET /', {}],
    ['GET /schemas/types', ['JSON', 'PROTOBUF', 'AVRO']],
    ['GET /contexts', expect.arrayContaining(['.'])],
    ['GET /v1/metadata/version', { version: expect.any(String), commitId: expect.any(String) }],
    [
      'GET /v1/metadata/id',
      { scope: { path: [], clusters: { 'kafka-cluster': expect.any(String), 'schema-registry-cluster': 'schema-registry' } } },
    ],
  ])('%s', async (line, expected) => {
    expect(await says(line)).toEqual(expected);
  });
});

describe('bad requests', () => {
  const path = '/subjects/bad/versions';
  test.each<[string, string, unknown, number, number]>([
    ['no body', `POST ${path}`, undefined, 422, 42_201],
    ['broken JSON', `POST ${path}`, '{"schema":', 400, 400],
    ['no object', `POST ${path}`, '[]', 422, 42_201],
    ['a schema that is none', `POST ${path}`, { schema: '{"type":"nope"}' }, 422, 42_201],
    ['an empty schema', `POST ${path}`, { schema: '' }, 422, 42_201],
    ['an unknown type', `POST ${path}`, { schema: '"int"', schemaType: 'XML' }, 422, 42_201],
    [
      'a reference to nothing',
      `POST ${path}`,
      { schema: '"int"', references: [{ name: 'x', subject: 'nobody', version: 1 }] },
      422,
      42_201,
    ],
    ['a subject of control characters', 'POST /subjects/a%00b/versions', { schema: '"int"' }, 422, 42_208],
    ['an id of an import without the mode', `POST ${path}`, { schema: '"int"', id: 5 }, 422, 42_205],
    ['an unknown id', 'GET /schemas/ids/99999999', undefined, 404, 40_403],
    ['an id that is none', 'GET /schemas/ids/x', undefined, 404, 404],
    ['an unknown subject', 'GET /subjects/nobody/versions/1', undefined, 404, 40_401],
    ['a version that is none', 'GET /subjects/nobody/versions/0', undefined, 422, 42_202],
    ['a lookup of nothing', 'POST /subjects/nobody', { schema: '"int"' }, 404, 40_401],
    ['an unknown level', 'PUT /config/x', { compatibility: 'SIDEWAYS' }, 422, 42_203],
    ['an unknown policy', 'PUT /config/x', { compatibilityPolicy: 'SIDEWAYS' }, 422, 42_203],
    [
      'a rule without a type',
      'POST /subjects/x/versions',
      { schema: avro(a), ruleSet: { domainRules: [{ name: 'r' }] } },
      422,
      42_210,
    ],
    [
      'a rule that is no CEL',
      'POST /subjects/x/versions',
      { schema: avro(a), ruleSet: { domainRules: [{ name: 'r', type: 'CEL', expr: 'message.' }] } },
      422,
      42_210,
    ],
    [
      'a migration among domain rules',
      'PUT /config/x',
      { defaultRuleSet: { domainRules: [{ name: 'r', type: 'CEL', mode: 'UPGRADE' }] } },
      422,
      42_210,
    ],
    ['an unknown mode', 'PUT /mode/x', { mode: 'NO' }, 422, 42_204],
    ['an unknown path', 'GET /nowhere', undefined, 404, 404],
    ['a path that is not encoded', 'GET /subjects/%zz/versions', undefined, 400, 400],
    ['a path that is too long', `GET /subjects/${'x'.repeat(5_000)}/versions`, undefined, 414, 414],
    ['a path that tries to climb', 'GET /subjects/../../etc/passwd', undefined, 404, 404],
    ['a method that is not there', 'PATCH /subjects', undefined, 405, 405],
    ['an offset that is none', 'GET /subjects?offset=x', undefined, 400, 400],
  ])('%s', async (...[, line, body, status, code]) => {
    const answer = await call(line, body);
    expect([answer.status, answer.body]).toEqual([status, { error_code: code, message: expect.any(String) }]);
    expect(answer.type).toBe('application/vnd.schemaregistry.v1+json');
  });

  test('a media type that is none of ours', async () => {
    expect(await call(`POST ${path}`, 'x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { error_code: 415 },
    });
    expect(await call('GET /subjects', undefined, { accept: 'text/html' })).toMatchObject({
      status: 406,
      body: { error_code: 406 },
    });
    expect(await call('GET /subjects', undefined, { accept: 'application/json' })).toMatchObject({
      status: 200,
      type: 'application/json',
    });
  });

  test('bytes that are not UTF-8, a body without end, thousands of fields, nesting without end', async () => {
    const raw = async (body: string | Buffer): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const sent = typeof body === 'string' ? body : new Uint8Array(body);
      const answer = await fetch(gateway.url + path, { method: 'POST', headers, body: sent });
      await answer.text();
      return answer.status;
    };
    expect(await raw(Buffer.from([123, 34, 255, 34, 125]))).toBe(400);
    expect(await raw(JSON.stringify({ schema: 'x'.repeat(9_000_000) }))).toBe(413);
    expect(await raw(JSON.stringify({ schema: `"${'x'.repeat(2_000_000)}"` }))).toBe(422);
    expect(await raw(JSON.stringify({ schema: `${'{"type":"array","items":'.repeat(5_000)}"int"${'}'.repeat(5_000)}` }))).toBe(
      422,
    );
    expect(await raw(`{"schema":${'['.repeat(100_000)}`)).toBe(400);
    const fields = Array.from({ length: 10_000 }, (_, index) => `{"name":"f${index}","type":"int"}`);
    expect(await raw(JSON.stringify({ schema: avro(fields.join(',')) }))).toBe(200);
  });
});

test('a gateway that starts again knows everything, and gives no id twice', async () => {
  const topics = ownTopics();
  const state = async (url: string): Promise<unknown[]> =>
    Promise.all(
      [
        '/schemas?deleted=true',
        '/subjects?deleted=true',
        '/config',
        '/config/s?defaultToGlobal=true',
        '/mode/t?defaultToGlobal=true',
      ].map(async (path) => (await ask(url, `GET ${path}`)).body),
    );
  let before: unknown[];
  {
    await using first = await openGateway(topics);
    for (const fields of [a, `${a},${b}`]) await ask(first.url, 'POST /subjects/s/versions', { body: { schema: avro(fields) } });
    await ask(first.url, 'POST /subjects/t/versions', { body: { schema: proto, schemaType: 'PROTOBUF' } });
    await ask(first.url, 'PUT /config', { body: { compatibility: 'FORWARD' } });
    await ask(first.url, 'PUT /config/s', { body: { compatibility: 'FULL' } });
    await ask(first.url, 'PUT /mode/t', { body: { mode: 'READONLY' } });
    await ask(first.url, 'DELETE /subjects/s/versions/2');
    await ask(first.url, 'DELETE /subjects/s/versions/2?permanent=true');
    await ask(first.url, 'POST /subjects/u/versions', { body: { schema: '"int"' } });
    await ask(first.url, 'DELETE /subjects/u');
    before = await state(first.url);
    expect(await first.drain()).toBe(true);
  }
  await using second = await openGateway(topics);
  expect(await state(second.url)).toEqual(before);
  expect((await ask(second.url, 'POST /subjects/v/versions', { body: { schema: '"long"' } })).body).toMatchObject({ id: 5 });
});
