import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Kek, kmsProps } from './key.ts';
import { tryOut, unwrap, wrap } from './wrap.ts';

/** A Vault that answers a key named by a status with that status. */
let vault: Server;
let url = '';
beforeAll(async () => {
  vault = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    response.writeHead(Number(/^\d+$/.exec(name) ?? 200));
    response.end(JSON.stringify({ data: { ciphertext: `by ${name}`, plaintext: Buffer.from(name).toString('base64') } }));
  });
  await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(vault.address() as AddressInfo).port}/transit/keys`;
});
afterAll(() => void vault.close());

const kekOf = (first: string, ...others: readonly string[]): Kek => ({
  name: 'lab',
  kmsType: 'hcvault',
  kmsKeyId: `${url}/${first}`,
  kmsProps: kmsProps({
    'token.id': 'secret',
    'encrypt.alternate.kms.key.ids': others.map((name) => `${url}/${name}`).join(' , '),
  }),
  doc: null,
  shared: true,
  deleted: false,
});
const dek = { subject: 'raw', algorithm: 'AES256_GCM' } as const;

test('the alternates of a key are asked in their order, where it does not do', async () => {
  const wrapped = Buffer.from(await wrap(kekOf('503', '403', 'third', 'fourth'), dek, null), 'base64').toString();
  expect(wrapped).toBe('by third');
  const open = await unwrap(kekOf('first', 'second'), { subject: 'raw', encryptedKeyMaterial: 'eA==' });
  expect(Buffer.from(open, 'base64').toString()).toBe('first');
});

test('where none does it, a refusal is told before an outage, and the first of each', async () => {
  await expect(tryOut(kekOf('503', '403', '401'))).rejects.toMatchObject({
    code: 'keys.kms-forbidden',
    message: expect.stringMatching(/^Could not generate encrypted dek for __TEST: .*\/403: answered 403$/),
  });
  await expect(tryOut(kekOf('503', '500'))).rejects.toMatchObject({
    code: 'keys.kms-failed',
    message: expect.stringMatching(/503: answered 503$/),
  });
});
