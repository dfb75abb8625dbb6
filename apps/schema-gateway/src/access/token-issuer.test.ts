import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@penstock/kernel';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { TokenIssuer } from './token-issuer.ts';

/** An identity provider whose keys are asked for over HTTP. */
let server: Server;
let url = '';
let privateKey: CryptoKey;
let asked = 0;

beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  privateKey = pair.privateKey;
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'RS256' }] });
  server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json').end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const entry = { issuer: 'https://id.example', audience: 'penstock', principal: 'email', groups: 'roles' };
const issuerOf = (keys: string): TokenIssuer => new TokenIssuer('corp', { ...entry, keys }, () => '');

function tokenOf(claims: Record<string, unknown>): Promise<string> {
  const signing = new SignJWT(claims).setProtectedHeader({ alg: 'RS256' });
  return signing.setIssuer('https://id.example').setAudience('penstock').setExpirationTime('5m').sign(privateKey);
}

test('keys are asked for once; claims say who it is, and in which groups', async () => {
  const issuer = issuerOf(url);
  const token = await tokenOf({ email: 'ada@example', roles: ['engineers', 7] });
  const claims = await issuer.read(token, systemClock);
  expect(claims).toMatchObject({ principal: 'corp/ada@example', groups: ['corp/engineers'] });
  expect(claims?.untilMs).toBeGreaterThan(Date.now());
  await issuer.read(token, systemClock);
  expect(asked).toBe(1);
});

test('a token without the claim that names somebody is not believed', async () => {
  expect(await issuerOf(url).read(await tokenOf({ sub: 'ada' }), systemClock)).toBeNull();
  expect(await issuerOf(url).read(await tokenOf({ email: 7 }), systemClock)).toBeNull();
});

test('a provider that does not answer is an outage, not a wrong token', async () => {
  const reading = issuerOf('http://127.0.0.1:1/jwks.json').read(await tokenOf({ email: 'ada@example' }), systemClock);
  await expect(reading).rejects.toMatchObject({ code: 'access.keys-unreachable', remedy: 'retry' });
});

test('keys that anybody on the way could change are refused', () => {
  expect(() => issuerOf('http://id.example/jwks.json')).toThrow('expected an address with https://');
  expect(() => issuerOf('/keys.json')).toThrow('issuers.corp.keys: expected the address or the file of a key set');
});
