import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pipelines, schema } from '@penstock/contracts';
import { createGrpcClient, hashPassword } from '@penstock/service';
import { until } from '@penstock/testing';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { ask, openGateway, ownTopics, type RestAnswer, type RestQuestion, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';

/** Both doors with an access file, on the real broker. */
const token = 'a-token-of-some-length';
const topics = ownTopics();
let folder: AccessFolder;
let gateway: TestedGateway;
let privateKey: CryptoKey;
let content: Record<string, unknown>;

beforeAll(async () => {
  folder = createAccessFolder();
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  const keys = folder.add('keys.json', JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256' }] }));
  const secret = folder.add('token', `${token}\n`);
  content = {
    access: 1,
    principals: {
      root: { password: await hashPassword('root-secret'), grants: [{ role: 'admin' }] },
      ada: { password: await hashPassword('ada-secret'), grants: [{ role: 'writer', subjects: ['rooms.*'] }] },
      owner: { tokens: ['owner-owner-owner'], grants: [{ role: 'admin', subjects: ['own.*'] }] },
      connect: { tokens: [`\${file:${secret}}`], grants: [{ role: 'viewer', subjects: ['rooms.*'] }] },
      slow: { tokens: ['slow-token-slow-token'], grants: [{ role: 'admin' }], limits: { readsPerSecond: 1, writesPerSecond: 1 } },
    },
    issuers: { corp: { issuer: 'https://id.example', audience: 'penstock', keys } },
    groups: { 'corp/engineers': { grants: [{ role: 'operator', subjects: ['halls.*'], pipelines: ['halls'] }] } },
    failedLoginsPerMinute: 6,
  };
  folder.write(content);
  gateway = await openGateway({ ...topics, PENSTOCK_ACCESS: folder.file });
  await rest('POST /subjects/rooms.raw-value/versions', { body: { schema: '"string"' } }, basic('root', 'root-secret'));
  await rest('POST /subjects/secret-value/versions', { body: { schema: '"long"' } }, basic('root', 'root-secret'));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const basic = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const bearer = (secret: string): string => `Bearer ${secret}`;
const ada = basic('ada', 'ada-secret');
const root = basic('root', 'root-secret');
const viewer = bearer(token);

function rest(line: string, question: RestQuestion = {}, authorization?: string): Promise<RestAnswer> {
  return ask(gateway.url, line, { ...question, headers: authorization === undefined ? {} : { authorization } });
}

async function jwt(
  claims: Record<string, unknown> = {},
  how: { audience?: string; expires?: string; key?: CryptoKey } = {},
): Promise<string> {
  const signed = new SignJWT({ groups: ['engineers'], ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer('https://id.example')
    .setSubject('grace')
    .setAudience(how.audience ?? 'penstock')
    .setExpirationTime(how.expires ?? '5m');
  return bearer(await signed.sign(how.key ?? privateKey));
}

describe('over REST', () => {
  test('nobody comes in without showing who he is, and the greeting is for all', async () => {
    expect((await rest('GET /')).status).toBe(200);
    const response = await fetch(`${gateway.url}/subjects`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Basic realm=');
    expect(response.headers.get('content-type')).toBe('application/vnd.schemaregistry.v1+json');
    expect(await response.json()).toEqual({ error_code: 40_101, message: expect.stringContaining('Unauthorized') });
  });

  test('a role ends where it ends', async () => {
    expect((await rest('GET /subjects/rooms.raw-value/versions', {}, viewer)).status).toBe(200);
    const refused = await rest('POST /subjects/rooms.raw-value/versions', { body: { schema: '"int"' } }, viewer);
    expect(refused).toMatchObject({
      status: 403,
      body: { error_code: 40_301, message: 'User is denied operation register on Subject: rooms.raw-value' },
    });
    expect(
      (await rest('POST /subjects/rooms.raw-value/versions?dryRun=true', { body: { schema: '"string"' } }, viewer)).status,
    ).toBe(200);
    expect((await rest('POST /subjects/rooms.more-value/versions', { body: { schema: '"string"' } }, ada)).status).toBe(200);
    expect((await rest('DELETE /subjects/rooms.more-value', {}, ada)).status).toBe(200);
    expect((await rest('DELETE /subjects/rooms.more-value?permanent=true', {}, ada)).status).toBe(403);
    expect((await rest('PUT /config/rooms.raw-value', { body: { compatibility: 'NONE' } }, ada)).status).toBe(403);
    expect((await rest('PUT /config', { body: { compatibility: 'NONE' } }, ada)).status).toBe(403);
    expect((await rest('DELETE /subjects/rooms.more-value?permanent=true', {}, root)).status).toBe(200);
  });

  test('lists show what the caller may see, and an id one of whose subjects he may see', async () => {
    expect((await rest('GET /subjects', {}, viewer)).body).toEqual(['rooms.raw-value']);
    expect((await rest('GET /subjects', {}, root)).body).toEqual(['rooms.raw-value', 'secret-value']);
    expect((await rest('GET /schemas', {}, viewer)).body).toMatchObject([{ subject: 'rooms.raw-value' }]);
    const { id } = (await rest('GET /subjects/secret-value/versions/1', {}, root)).body as { id: number };
    expect(await rest(`GET /schemas/ids/${id}`, {}, viewer)).toMatchObject({ status: 403, body: { error_code: 40_301 } });
    expect((await rest(`GET /schemas/ids/${id}/schema`, {}, viewer)).status).toBe(403);
    expect((await rest(`GET /schemas/ids/${id}`, {}, root)).body).toMatchObject({ schema: '"long"' });
    await rest('POST /subjects/rooms.long-value/versions', { body: { schema: '"long"' } }, root);
    expect((await rest(`GET /schemas/ids/${id}`, {}, viewer)).status).toBe(200);
    expect((await rest(`GET /schemas/ids/${id}/subjects`, {}, viewer)).body).toEqual(['rooms.long-value']);
  });

  test('what a schema refers to must be seen as well', async () => {
    const references = [{ name: 'secret', subject: 'secret-value', version: 1 }];
    const refused = await rest('POST /subjects/rooms.raw-value/versions', { body: { schema: '"string"', references } }, ada);
    expect(refused).toMatchObject({ status: 403, body: { message: 'User is denied operation read on Subject: secret-value' } });
  });

  test('a token of the identity provider opens what its groups may', async () => {
    const grace = await jwt();
    expect((await rest('POST /subjects/halls.raw-value/versions', { body: { schema: '"string"' } }, grace)).status).toBe(200);
    expect((await rest('GET /subjects/rooms.raw-value/versions', {}, grace)).status).toBe(403);
    const stranger = await generateKeyPair('ES256');
    const wrong = [
      await jwt({}, { audience: 'other' }),
      await jwt({}, { expires: '-1h' }),
      await jwt({}, { key: stranger.privateKey }),
    ];
    for (const each of wrong) expect((await rest('GET /subjects', {}, each)).status).toBe(401);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"grace","iss":"https://id.example","aud":"penstock","exp":9999999999}').toString('base64url')}.`;
    expect((await rest('GET /subjects', {}, bearer(unsigned))).status).toBe(401);
  });

  test('who asks too often is told when to ask again', async () => {
    const slow = { headers: { authorization: bearer('slow-token-slow-token') } };
    const answers = [await fetch(`${gateway.url}/subjects`, slow), await fetch(`${gateway.url}/subjects`, slow)];
    const refused = answers.at(-1);
    expect(answers.map(({ status }) => status)).toEqual([200, 429]);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await refused?.json()).toMatchObject({ error_code: 42_901 });
  });
});

describe('over gRPC', () => {
  test('an alias opens no more than what it stands for', async () => {
    await rest('PUT /config/rooms.alias', { body: { alias: 'secret-value' } }, root);
    using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { retries: 0 });
    const asked = client.getVersion(
      { subject: 'rooms.alias', version: 0, deleted: false },
      { metadata: { authorization: viewer } },
    );
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('secret-value') });
  });

  test('the same rights, as statuses', async () => {
    using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { retries: 0 });
    const as = (authorization: string) => ({ metadata: { authorization } });
    const draft = {
      subject: 'rooms.raw-value',
      schema: { format: schema.SchemaFormat.AVRO, text: '"string"', references: [] },
    };
    const register = { ...draft, normalize: false, dryRun: false, overrideReason: '' };
    await expect(client.listSubjects({ prefix: '', deleted: false })).rejects.toMatchObject({
      code: 'access.unauthenticated',
      kind: { status: 'UNAUTHENTICATED' },
    });
    await expect(client.register(register, as(viewer))).rejects.toMatchObject({
      code: 'access.denied',
      kind: { status: 'PERMISSION_DENIED' },
    });
    await expect(client.register({ ...register, overrideReason: 'why not' }, as(ada))).rejects.toMatchObject({
      code: 'access.denied',
    });
    expect(await client.register(register, as(ada))).toMatchObject({ version: 1 });
    expect((await client.listSubjects({ prefix: '', deleted: false }, as(viewer))).subjects).not.toContain('secret-value');
    const found = await client.getVersion({ subject: 'secret-value', version: 0, deleted: false }, as(root));
    const id = found.version?.id ?? 0;
    const seen = await client.getSchema({ id, context: '' }, as(viewer));
    expect(seen.versions.map(({ subject }) => subject)).toEqual(['rooms.long-value']);
    expect(await client.getSchema({ id: 0, context: '', guid: seen.guid.toUpperCase() }, as(viewer))).toEqual(seen);
    await expect(client.getSchema({ id, context: '.other', guid: seen.guid }, as(viewer))).rejects.toMatchObject({
      code: 'registry.unknown-schema',
    });
  });

  test('a pipeline is the affair of its operators', async () => {
    using client = createGrpcClient(pipelines.PipelinesServiceClient, gateway.address, { retries: 0 });
    const grace = { metadata: { authorization: await jwt() } };
    await expect(client.remove({ pipeline: 'rooms' }, grace)).rejects.toMatchObject({ code: 'access.denied' });
    await expect(client.remove({ pipeline: 'halls' }, grace)).rejects.toMatchObject({ code: 'gateway.unknown-pipeline' });
    expect(await client.list({}, grace)).toEqual({ pipelines: [] });
  });

  test('a stream tells what its caller may see', async () => {
    using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { retries: 0 });
    const seen: string[] = [];
    const leaving = new AbortController();
    for await (const { kind, subject } of client.watch(
      { prefix: '' },
      { metadata: { authorization: viewer }, signal: leaving.signal },
    )) {
      seen.push(subject);
      if (kind !== 'watching') break;
      await rest('POST /subjects/secret-value/versions', { body: { schema: '["null","long"]' } }, root);
      await rest('POST /subjects/rooms.seen-value/versions', { body: { schema: '"string"' } }, ada);
    }
    expect(seen).toEqual(['', 'rooms.seen-value']);
  });
});

test('an alias shows no more than its owner may see', async () => {
  const owner = bearer('owner-owner-owner');
  expect((await rest('PUT /config/own.a', { body: { compatibility: 'NONE', alias: 'secret-value' } }, owner)).status).toBe(403);
  expect((await rest('PUT /config/own.a', { body: { compatibility: 'NONE' } }, owner)).status).toBe(200);
});

test('what is asked of an alias is asked of the subject behind it, and so are the rights', async () => {
  await rest('PUT /config/own.door', { body: { alias: 'secret-value' } }, root);
  const owner = bearer('owner-owner-owner');
  for (const line of ['GET /subjects/own.door/versions/latest', 'HEAD /subjects/own.door/versions/latest'])
    expect((await rest(line, {}, owner)).status).toBe(403);
  expect((await rest('POST /subjects/own.door/versions', { body: { schema: '"long"' } }, owner)).status).toBe(403);
  expect((await rest('GET /subjects/own.door/versions/latest', {}, root)).body).toMatchObject({ subject: 'secret-value' });
});

test('each change stands in the audit, with who made it; what was refused, too', async () => {
  using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { retries: 0 });
  const forced = { subject: 'rooms.forced-value', schema: { format: schema.SchemaFormat.AVRO, text: '"bytes"', references: [] } };
  const overrideReason = 'the sensors are gone';
  await client.register({ ...forced, normalize: false, dryRun: false, overrideReason }, { metadata: { authorization: root } });
  await rest('PUT /config/rooms.raw-value', { body: { compatibility: 'FULL' } }, root);
  await rest('PUT /config/rooms.raw-value', { body: { compatibility: 'NONE' } }, root);
  const records = await until(
    async () => {
      const found = await readAudit(String(topics['PENSTOCK_AUDIT_TOPIC']));
      return found.some(({ principal, outcome }) => principal === 'connect' && outcome === 'denied') && found;
    },
    { deadlineMs: 10_000, what: 'a refusal stands in the audit' },
  );
  const registered = records.find(({ action, subject }) => action === 'schema.register' && subject === 'rooms.raw-value');
  expect(registered).toMatchObject({ principal: 'root', door: 'rest', peer: '127.0.0.1', outcome: 'done', version: 1, id: 1 });
  const configured = records.findLast(({ action }) => action === 'config.set');
  expect(configured).toMatchObject({
    subject: 'rooms.raw-value',
    before: { compatibilityLevel: 'FULL' },
    after: { compatibilityLevel: 'NONE' },
  });
  expect(records.find(({ subject }) => subject === 'rooms.forced-value')).toMatchObject({ door: 'grpc', reason: overrideReason });
  expect(records).toContainEqual(
    expect.objectContaining({ principal: 'corp/grace', action: 'schema.register', subject: 'halls.raw-value' }),
  );
  expect(records).toContainEqual(
    expect.objectContaining({ principal: 'connect', outcome: 'denied', subject: 'rooms.raw-value' }),
  );
  expect(JSON.stringify(records)).not.toContain('secret"');
  expect(JSON.stringify([records, gateway.lines])).not.toMatch(/ada-secret|root-secret|a-token-of/);
});

test('the file is read again when it changes; a wrong one leaves the last good one', async () => {
  folder.write('access: 1\nprincipals: [');
  await until(() => gateway.lines.some(({ event }) => event === 'access.kept'), {
    deadlineMs: 5_000,
    what: 'the wrong file is noticed',
  });
  expect((await rest('GET /subjects', {}, viewer)).status).toBe(200);
  const { connect: _, ...others } = content['principals'] as Record<string, unknown>;
  folder.write({ ...content, principals: others });
  await until(() => gateway.lines.some(({ event }) => event === 'access.read'), {
    deadlineMs: 5_000,
    what: 'the file is read again',
  });
  expect((await rest('GET /subjects', {}, viewer)).status).toBe(401);
  expect((await rest('GET /subjects', {}, root)).status).toBe(200);
});

test('who guesses is slowed down, and who is known is not', async () => {
  const guesses: number[] = [];
  for (let each = 0; each < 8; each += 1) guesses.push((await rest('GET /subjects', {}, basic('ada', `guess-${each}`))).status);
  expect(guesses.at(0)).toBe(401);
  expect(guesses.at(-1)).toBe(429);
  expect((await rest('GET /subjects', {}, root)).status).toBe(200);
});
