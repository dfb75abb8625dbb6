import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HcVaultDriver } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openKms } from './kms.ts';
import { openKmsOfKek } from './kms-of-kek.ts';

const refusal = { code: 'schema.kms-refused', remedy: 'reject' };
const outage = { code: 'schema.kms-unreachable', remedy: 'retry' };
const plain = Buffer.from('a key of data');

describe('a KMS', () => {
  test('of another type is refused, and what is supported is named', () => {
    expect(() => openKms({ kmsType: 'aws-kms', kmsKeyId: 'arn' }, {})).toThrow('expected one of local-kms, hcvault');
  });
});

describe('a local KMS', () => {
  const key = { kmsType: 'local-kms', kmsKeyId: 'lab' };

  test('opens with its own secret alone, and says neither', async () => {
    const wrapped = await openKms(key, { LOCAL_SECRET: 'hush-1' }).encrypt(plain);
    expect(await openKms(key, { LOCAL_SECRET: 'hush-1' }).decrypt(wrapped)).toEqual(plain);
    const opening = openKms(key, { LOCAL_SECRET: 'hush-2' }).decrypt(wrapped);
    await expect(opening).rejects.toMatchObject(refusal);
    await expect(opening).rejects.toMatchObject({ message: expect.not.stringMatching('hush') });
  });

  test('without a secret is refused', () => {
    expect(() => openKms(key, {})).toThrow('set LOCAL_SECRET');
  });
});

interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  readonly token: unknown;
  readonly namespace: unknown;
}

let asked: Asked[] = [];
let status = 200;
/** Vault's transit engine, as far as it is asked: what is wrapped is the text backwards. */
const vault = createServer((request, response) => {
  void answer(request).then((body) => {
    if (status === 307) response.writeHead(307, { location: '/v1/elsewhere' }).end();
    else if (status !== 0) response.writeHead(status).end(JSON.stringify(body));
  });
});

async function answer(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  const { 'x-vault-token': token, 'x-vault-namespace': namespace } = request.headers;
  const path = request.url ?? '';
  asked.push({ path, body, token, namespace });
  if (status !== 200) return { errors: [`no: ${body['plaintext'] ?? body['ciphertext']}`] };
  if (path.endsWith('/login')) return { auth: { client_token: 'of-the-role' } };
  const backwards = (text = ''): string => [...text].reverse().join('');
  if (path.includes('/encrypt/')) return { data: { ciphertext: `vault:v1:${backwards(body['plaintext'])}` } };
  return { data: { plaintext: backwards(body['ciphertext']?.slice('vault:v1:'.length)) } };
}

let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  status = 200;
});
afterAll(() => {
  vault.closeAllConnections();
  vault.close();
});

describe('Vault', () => {
  const keyOf = (path: string): { kmsType: string; kmsKeyId: string } => ({ kmsType: 'hcvault', kmsKeyId: url + path });
  const env = (): Record<string, string> => ({ VAULT_ADDR: url, VAULT_TOKEN: 'secret-token', VAULT_NAMESPACE: 'lab' });

  test('wraps with the key of its transit engine, and unwraps', async () => {
    const kms = openKms(keyOf('/transit/keys/rooms'), env());
    const wrapped = await kms.encrypt(plain);
    expect(wrapped.toString()).toMatch(/^vault:v1:/);
    expect(await kms.decrypt(wrapped)).toEqual(plain);
    expect(asked).toMatchObject([
      {
        path: '/v1/transit/encrypt/rooms',
        body: { plaintext: plain.toString('base64') },
        token: 'secret-token',
        namespace: 'lab',
      },
      { path: '/v1/transit/decrypt/rooms', body: { ciphertext: wrapped.toString() } },
    ]);
  });

  test('is asked as the stock client asks', async () => {
    const key = keyOf('/transit/keys/rooms');
    const stock = new HcVaultDriver().newKmsClient(new Map([['token.id', 'secret-token']]), `hcvault://${key.kmsKeyId}`);
    const ours = openKms(key, env());
    expect(await ours.decrypt(await stock.encrypt(plain))).toEqual(plain);
    expect(await stock.decrypt(await ours.encrypt(plain))).toEqual(plain);
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/v1/transit/encrypt/rooms', '/v1/transit/decrypt/rooms']));
  });

  test('is logged in at by a role, and its engine may be mounted elsewhere', async () => {
    const role = { VAULT_ADDR: url, VAULT_APPROLE_ROLE_ID: 'sensor', VAULT_APPROLE_SECRET_ID: 'hush' };
    await openKms(keyOf('/team/transit/keys/rooms'), role).encrypt(plain);
    expect(asked).toMatchObject([
      { path: '/v1/auth/approle/login', body: { role_id: 'sensor', secret_id: 'hush' } },
      { path: '/v1/team/transit/encrypt/rooms', token: 'of-the-role' },
    ]);
  });

  test('gets a token of the environment only where VAULT_ADDR names it', () => {
    const key = keyOf('/transit/keys/rooms');
    expect(() => openKms(key, { VAULT_TOKEN: 'secret-token' })).toThrow('VAULT_ADDR is not set');
    expect(() => openKms(key, { ...env(), VAULT_ADDR: 'https://vault.test' })).toThrow('names another server');
    expect(() => openKms({ ...key, kmsProps: { 'token.id': 'of the KEK' } }, {})).not.toThrow();
    expect(() => openKms(key, { VAULT_ADDR: url })).toThrow('set VAULT_TOKEN');
  });

  test('gets nothing of the environment where the KEK brings a login of its own, nor half of one', async () => {
    const role = { VAULT_APPROLE_ROLE_ID: 'sensor', VAULT_APPROLE_SECRET_ID: 'hush', VAULT_TOKEN: 'secret-token' };
    const foreign = { ...keyOf('/transit/keys/rooms'), kmsProps: { 'token.id': 'of the KEK' } };
    await openKms(foreign, { ...role, VAULT_ADDR: 'https://vault.test', VAULT_NAMESPACE: 'lab' }).encrypt(plain);
    expect(asked).toMatchObject([{ path: '/v1/transit/encrypt/rooms', token: 'of the KEK', namespace: undefined }]);
    const half = { ...foreign, kmsProps: { 'approle.role.id': 'sensor' } };
    expect(() => openKms(half, role)).toThrow('give the KEK a whole login');
  });

  test('takes a token out of a file, which is read each time', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vault-')), 'token');
    writeFileSync(file, 'first\n');
    const kms = openKms(keyOf('/transit/keys/rooms'), { VAULT_ADDR: url, VAULT_TOKEN_FILE: file });
    await kms.encrypt(plain);
    writeFileSync(file, 'second\n');
    await kms.encrypt(plain);
    expect(asked.map(({ token }) => token)).toEqual(['first', 'second']);
    rmSync(file);
    await expect(kms.encrypt(plain)).rejects.toMatchObject(refusal);
  });

  test.each([
    [403, refusal],
    [400, refusal],
    [404, refusal],
    [429, outage],
    [503, outage],
    [307, outage],
  ])('answers %d, and nothing of what it was asked is told', async (code, problem) => {
    status = code;
    const asking = openKms(keyOf('/transit/keys/rooms'), env()).encrypt(plain);
    await expect(asking).rejects.toMatchObject(problem);
    await expect(asking).rejects.toMatchObject({ message: expect.not.stringMatching(`token|${plain.toString('base64')}`) });
    expect(asked).toHaveLength(1);
  });

  test('that is silent or away is an outage', async () => {
    status = 0;
    const silent = openKms(keyOf('/transit/keys/rooms'), env(), { timeoutMs: 30 });
    await expect(silent.encrypt(plain)).rejects.toMatchObject(outage);
    const away = openKms(
      { kmsType: 'hcvault', kmsKeyId: 'http://127.0.0.1:1/transit/keys/a' },
      { ...env(), VAULT_ADDR: 'http://127.0.0.1:1' },
    );
    await expect(away.decrypt(plain)).rejects.toMatchObject(outage);
  });

  test.each(['rooms', '/transit/rooms', '/transit/keys/rooms/more', '/transit/keys/'])('has no key at %s', (path) => {
    expect(() => openKms(keyOf(path), env())).toThrow('is to read');
  });
});

describe('the KMS of a KEK', () => {
  const idOf = (name: string): string => `${url}/transit/keys/${name}`;
  const kekOf = (kmsProps: Readonly<Record<string, string>>) => ({
    ...{ kmsType: 'hcvault', kmsKeyId: 'http://127.0.0.1:1/transit/keys/away' },
    kmsProps: { 'token.id': 'own', ...kmsProps },
  });

  test('has alternates, those that the KEK names before those that are given', async () => {
    const given = { env: {}, alternateKmsKeyIds: [idOf('given')] };
    await openKmsOfKek(kekOf({}), given).encrypt(plain);
    await openKmsOfKek(kekOf({ 'encrypt.alternate.kms.key.ids': `${idOf('own')}, ${idOf('more')}` }), given).encrypt(plain);
    expect(asked.map(({ path }) => path)).toEqual(['/v1/transit/encrypt/given', '/v1/transit/encrypt/own']);
  });

  test('is away where one of them is, whatever another says', async () => {
    status = 403;
    const kms = openKmsOfKek(kekOf({}), { env: {}, alternateKmsKeyIds: [idOf('refused')] });
    await expect(kms.decrypt(plain)).rejects.toMatchObject(outage);
    expect(asked).toHaveLength(1);
  });
});
