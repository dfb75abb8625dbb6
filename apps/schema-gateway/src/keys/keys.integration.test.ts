import { DekRegistryClient } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { ask, openGateway, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';

let gateway: TestedGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const keks = '/dek-registry/v1/keks';
const call = (line: string, body?: unknown): Promise<RestAnswer> => {
  const [method, path = ''] = line.split(' ');
  return ask(gateway.url, `${method} ${keks}${path}`, { body });
};
/** Status and error code, or the text. */
const says = async (line: string, body?: unknown): Promise<unknown> => {
  const answer = await call(line, body);
  const { error_code: code, message } = Object(answer.body) as { error_code?: number; message?: string };
  return code === undefined ? (answer.status === 200 ? answer.text : answer.status) : [answer.status, code, message];
};
const kekOf = (name: string, more: object = {}): object => ({ name, kmsType: 'local-kms', kmsKeyId: 'any', ...more });
const sharing = { shared: true, kmsProps: { secret: 'mysecret' } };
const codeOf = async (line: string, body?: unknown): Promise<unknown> => [await says(line, body)].flat().slice(0, 2);
/** Confluent asks that names begin with a letter. */
const kekName = (): string => randomName('kek');

describe('KEKs', () => {
  test('are created, found, updated, deleted and brought back', async () => {
    const name = kekName();
    const created = await call('POST ', kekOf(name, { kmsProps: { b: '2', 10: 'x', a: '1' }, doc: 'd' }));
    const text = `{"name":"${name}","kmsType":"local-kms","kmsKeyId":"any","kmsProps":{"10":"x","a":"1","b":"2"},"doc":"d","shared":false,"ts":`;
    expect(created.text.replace(/\d+}$/, '')).toBe(text);
    expect(created.type).toBe('application/vnd.schemaregistry.v1+json');
    expect(Math.abs((created.body as { ts: number }).ts - Date.now())).toBeLessThan(60_000);
    expect(await says(`GET /${name}`)).toBe(created.text);
    const exists = [409, 40_971, `Key '${name}' already exists; use a different value`];
    expect(await says('POST ', kekOf(name))).toEqual(exists);
    expect((await call(`PUT /${name}`, { doc: null, kmsProps: null })).text).toMatch(/"kmsProps":{},"shared":false,"ts":\d+}$/);
    expect(await says(`DELETE /${name}?permanent=true`)).toEqual([
      ...[404, 40_471, `Key '${name}' was not deleted first before being permanently deleted`],
    ]);
    expect(await call(`DELETE /${name}`)).toMatchObject({ status: 204, text: '' });
    const missing = [404, 40_470, `Key '${name}' not found`];
    expect(await says(`GET /${name}`)).toEqual(missing);
    expect(await says(`PUT /${name}`, { doc: 'e' })).toEqual(missing);
    expect((await call(`GET /${name}?deleted=true`)).text).toMatch(/"deleted":true}$/);
    expect(await says(`POST /${name}/undelete`)).toBe(204);
    expect(await says(`DELETE /${name}`)).toBe(204);
    expect(await says(`DELETE /${name}?permanent=true`)).toBe(204);
    expect(await says(`GET /${name}?deleted=true`)).toEqual(missing);
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: '1a' }, 'name'],
    [{ name: 'a.b' }, 'name'],
    [{ name: 'a'.repeat(257) }, 'name'],
    [{ kmsKeyId: '' }, 'kmsKeyId'],
    [{ kmsType: null }, 'kmsType'],
    [{ kmsType: 'aws-kms' }, 'kmsKeyId'],
    [{ kmsType: 'hcvault' }, 'kmsKeyId'],
  ])('with %j are refused for their %s', async (more, field) => {
    const refused = [422, 42_271, `Invalid or missing value for field '${field}' of key`];
    expect(await says('POST ', kekOf(kekName(), more))).toEqual(refused);
  });

  test('may be of a KMS that nobody knows, whatever it is called', async () => {
    expect(await says('POST ', kekOf(kekName(), { kmsType: 'constructor' }))).toContain('"kmsType":"constructor"');
  });

  test('of the large clouds are called by one name', async () => {
    expect((await call('POST ', kekOf(kekName(), { kmsType: 'AWSKMS' }))).text).toContain('"kmsType":"aws-kms"');
  });

  test('are listed by name, in pages, and by the subjects whose keys they wrap', async () => {
    await using own = await openGateway();
    const get = async (query: string): Promise<unknown> => (await ask(own.url, `GET ${keks}${query}`)).body;
    for (const name of ['b', 'a', 'c']) await ask(own.url, `POST ${keks}`, { body: kekOf(name, { deleted: name === 'c' }) });
    await ask(own.url, `POST ${keks}/b/deks/rooms.raw`, { body: { encryptedKeyMaterial: 'x' } });
    expect(await get('')).toEqual(['a', 'b']);
    expect(await get('?deleted=true')).toEqual(['a', 'b', 'c']);
    expect(await get('?deleted=true&offset=1&limit=1')).toEqual(['b']);
    expect(await get('?limit=0')).toEqual(['a', 'b']);
    expect(await get('?subjectPrefix=rooms&subjectPrefix=halls')).toEqual(['b']);
    expect(await get('?subjectPrefix=halls')).toEqual([]);
  });
});

describe('DEKs', () => {
  const material = 'd3JhcHBlZA==';

  test('are created, found by version, deleted and brought back', async () => {
    const name = kekName();
    await call('POST ', kekOf(name));
    const created = await call(`POST /${name}/deks/raw`, { encryptedKeyMaterial: material });
    const text = `{"kekName":"${name}","subject":"raw","version":1,"algorithm":"AES256_GCM","encryptedKeyMaterial":"${material}","ts":`;
    expect(created.text.replace(/\d+}$/, '')).toBe(text);
    for (const path of ['', '/versions/1', '/versions/latest', '/versions/-1', '?algorithm=AES256_GCM'])
      expect([path, await says(`GET /${name}/deks/raw${path}`)]).toEqual([path, created.text]);
    expect(await codeOf(`POST /${name}/deks/raw`, { encryptedKeyMaterial: material })).toEqual([409, 40_971]);
    await call(`POST /${name}/deks`, {
      subject: ':.lab:raw',
      version: 2,
      algorithm: 'AES256_SIV',
      encryptedKeyMaterial: material,
    });
    expect(await says(`GET /${name}/deks`)).toBe('[":.lab:raw","raw"]');
    expect(await says(`GET /${name}/deks/:.lab:raw/versions?algorithm=AES256_SIV`)).toBe('[2]');
    expect(await says(`GET /${name}/deks/:.lab:raw/versions`)).toBe('[]');
    expect(await says(`DELETE /${name}`)).toEqual([422, 42_272, `One or more references exist to the key '${name}'`]);
    expect(await codeOf(`DELETE /${name}/deks/raw?permanent=true`)).toEqual([404, 40_471]);
    expect(await says(`DELETE /${name}/deks/raw/versions/1`)).toBe(204);
    expect(await says(`GET /${name}/deks/raw`)).toEqual([404, 40_470, "Key 'raw' not found"]);
    expect((await call(`GET /${name}/deks/raw?deleted=true`)).text).toMatch(/"deleted":true}$/);
    expect(await says(`POST /${name}/deks/raw/undelete`)).toBe(204);
    expect(await says(`DELETE /${name}/deks/raw`)).toBe(204);
    expect(await says(`POST /${name}/deks/raw/versions/1/undelete`)).toBe(204);
    expect(await says(`GET /${name}/deks/raw/versions`)).toBe('[1]');
  });

  test('are refused for what no DEK can be', async () => {
    const name = kekName();
    await call('POST ', kekOf(name));
    const body = { encryptedKeyMaterial: material };
    expect(await says(`POST /other/deks/raw`, body)).toEqual([404, 40_470, "Key 'other' not found"]);
    expect(await says(`POST /${name}/deks`, body)).toMatchObject([422, 42_271, expect.stringContaining('subject')]);
    expect(await says(`POST /${name}/deks/a%00b`, body)).toMatchObject([422, 42_271, expect.stringContaining('subject')]);
    expect(await says(`POST /${name}/deks/raw`, {})).toMatchObject([
      422,
      42_271,
      expect.stringContaining('encryptedKeyMaterial'),
    ]);
    expect(await codeOf(`POST /${name}/deks/raw`, { ...body, algorithm: 'DES' })).toEqual([400, 400]);
    expect(await says(`GET /${name}/deks/raw?algorithm=DES`)).toEqual([404, 404, 'HTTP 404 Not Found']);
    expect(await codeOf(`GET /${name}/deks/raw/versions/0`)).toEqual([422, 42_202]);
    expect(await codeOf(`PATCH /${name}/deks/raw`)).toEqual([405, 405]);
  });

  test('of a subject in a context, and of an alias, are those of the subject', async () => {
    const [name, subject] = [kekName(), randomName('subject')];
    await call('POST ', kekOf(name));
    const path = `/dek-registry/v1/keks/${name}/deks/${subject}`;
    await ask(gateway.url, `POST /contexts/lab${path}`, { body: { encryptedKeyMaterial: material } });
    expect(await says(`GET /${name}/deks`)).toBe(`[":.lab:${subject}"]`);
    await ask(gateway.url, `PUT /config/${subject}`, { body: { alias: 'another', aliasForDeks: `:.lab:${subject}` } });
    expect((await call(`GET /${name}/deks/${subject}`)).body).toMatchObject({ subject: `:.lab:${subject}` });
  });
});

describe('a shared KEK', () => {
  test('lets the gateway make keys, and open them', async () => {
    const name = kekName();
    expect((await call('POST ?testSharing=true', kekOf(name, sharing))).status).toBe(200);
    const made = (await call(`POST /${name}/deks/raw`, { algorithm: 'AES128_GCM' })).body as Record<string, string>;
    expect(Object.keys(made)).toEqual([
      ...['kekName', 'subject', 'version', 'algorithm', 'encryptedKeyMaterial', 'keyMaterial', 'ts'],
    ]);
    expect(Buffer.from(made['keyMaterial'] ?? '', 'base64')).toHaveLength(18);
    expect((await call(`GET /${name}/deks/raw?algorithm=AES128_GCM`)).body).toEqual(made);
    const wrapped = { algorithm: 'AES128_GCM', encryptedKeyMaterial: made['encryptedKeyMaterial'] };
    expect(await codeOf(`POST /${name}/deks/raw?rewrap=true`, wrapped)).toEqual([409, 40_971]);
    const again = (await call(`POST /${name}/deks/raw?rewrap=true`, { algorithm: 'AES128_GCM' })).body as Record<string, string>;
    expect(again['keyMaterial']).toBe(made['keyMaterial']);
    expect(again['encryptedKeyMaterial']).not.toBe(made['encryptedKeyMaterial']);
    expect(await says(`POST /${name}/deks/other`, wrapped)).toContain(`"keyMaterial":"${made['keyMaterial']}"`);
    const tested = (await call(`POST /${name}/test`)).text;
    expect(tested).toMatch(/"kmsProps":{"secret":"mysecret"},"shared":true,"deleted":false,"type":"KEK","offset":\d+,"ts":\d+}$/);
  });

  test('whose KMS does not answer makes nothing, and says so', async () => {
    const [name, other] = [kekName(), kekName()];
    await call('POST ', kekOf(name, { ...sharing, kmsType: 'no-kms' }));
    await call('POST ', kekOf(other));
    const failed = [500, 50_070, expect.stringMatching(/^Could not generate encrypted dek for raw: /)];
    expect(await says(`POST /${name}/deks/raw`, {})).toEqual(failed);
    expect(await says(`GET /${name}/deks`)).toBe('[]');
    expect(await codeOf(`POST /${name}/test`)).toEqual([500, 50_070]);
    expect(await says(`POST /${other}/test`)).toMatchObject([422, 42_271, expect.stringContaining('shared')]);
    const untested = [
      500,
      500,
      expect.stringMatching(/^Error while creating key: Could not generate encrypted dek for __TEST: /),
    ];
    expect(await says('POST ?testSharing=true', kekOf(kekName(), { ...sharing, kmsType: 'no-kms' }))).toEqual(untested);
    const unopened = { encryptedKeyMaterial: 'bm90aGluZw==' };
    await call(`PUT /${other}`, sharing);
    expect(await says(`POST /${other}/deks/raw`, unopened)).toEqual([
      ...[500, 50_070, expect.stringMatching(/^Could not generate raw dek for raw: /)],
    ]);
  });

  test('takes keys that are moved here as they are', async () => {
    const [name, subject] = [kekName(), randomName('subject')];
    await call('POST ', kekOf(name, sharing));
    await ask(gateway.url, `PUT /mode/${subject}`, { body: { mode: 'IMPORT' } });
    const moved = (await call(`POST /${name}/deks/${subject}`, { encryptedKeyMaterial: 'bm90aGluZw==' })).body;
    expect(moved).toMatchObject({ encryptedKeyMaterial: 'bm90aGluZw==' });
    expect(moved).not.toHaveProperty('keyMaterial');
  });
});

test('a rule that names the key of a KMS alone is registered with a KEK', async () => {
  const subject = randomName('subject');
  const rule = { name: 'hide', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'] };
  const params = { 'encrypt.kms.key.id': 'arn:aws:kms:eu:1:key/a' };
  const body = { schema: '"string"', ruleSet: { domainRules: [{ ...rule, params }] } };
  expect((await ask(gateway.url, `POST /subjects/${subject}/versions`, { body })).status).toBe(200);
  expect((await ask(gateway.url, `GET /subjects/${subject}/versions/1`)).body).toMatchObject({
    ruleSet: {
      domainRules: [{ params: { ...params, 'encrypt.kek.name': 'aws-kms-eu-1-key-a', 'encrypt.kms.type': 'aws-kms' } }],
    },
  });
});

test('the client of Confluent makes keys, and finds them', async () => {
  const client = new DekRegistryClient({ baseURLs: [gateway.url] });
  const name = kekName();
  expect(await client.registerKek(name, 'local-kms', 'any', false, { a: 'b' }, 'doc')).toMatchObject({
    name,
    kmsProps: { a: 'b' },
  });
  await expect(
    new DekRegistryClient({ baseURLs: [gateway.url] }).registerKek(name, 'local-kms', 'any', false),
  ).rejects.toMatchObject({
    ...{ status: 409, errorCode: 40_971 },
  });
  expect(await client.getKek(name)).toMatchObject({ name, shared: false });
  const dek = await client.registerDek(name, 'sub/ject', 'AES256_GCM', 1, 'd3JhcHBlZA==');
  const found = await new DekRegistryClient({ baseURLs: [gateway.url] }).getDek(name, 'sub/ject', 'AES256_GCM', -1);
  expect(found).toEqual(dek);
  expect(await client.getDekEncryptedKeyMaterialBytes(found)).toEqual(Buffer.from('wrapped'));
  await expect(client.getDek(name, 'another', 'AES256_GCM', -1)).rejects.toMatchObject({ status: 404, errorCode: 40_470 });
});
