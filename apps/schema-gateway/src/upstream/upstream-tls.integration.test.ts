import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCertificates, randomName } from '@penstock/testing';
import { ask, openGateway, ownTopics } from '../testing/open-gateway.ts';

/** A registry that shows a certificate and wants to see one. */
const certificates = createCertificates();
let locked: Server;
let url = '';
beforeAll(async () => {
  const { ca, server } = certificates;
  const [cert, key, authority] = [server.cert, server.key, ca].map((file) => readFileSync(file));
  locked = createServer({ cert, key, ca: authority, requestCert: true, rejectUnauthorized: true }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('["s"]');
  });
  await new Promise<void>((resolve) => locked.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(locked.address() as AddressInfo).port}`;
});
afterAll(() => {
  locked.closeAllConnections();
  locked.close();
  certificates[Symbol.dispose]();
});

function openFront(env: NodeJS.ProcessEnv): ReturnType<typeof openGateway> {
  return openGateway({ ...ownTopics(), PENSTOCK_UPSTREAM: url, PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'), ...env });
}

test('certificates are shown and seen', async () => {
  const { ca, client } = certificates;
  const env = { PENSTOCK_UPSTREAM_CA: ca, PENSTOCK_UPSTREAM_CERT: client.cert, PENSTOCK_UPSTREAM_KEY: client.key };
  await using front = await openFront(env);
  expect(await ask(front.url, 'GET /subjects')).toMatchObject({ status: 200, body: ['s'] });
});

test('who is not trusted is away', async () => {
  const { client, stranger, ca } = certificates;
  const shown = { PENSTOCK_UPSTREAM_CERT: client.cert, PENSTOCK_UPSTREAM_KEY: client.key };
  const strange = { PENSTOCK_UPSTREAM_CERT: stranger.cert, PENSTOCK_UPSTREAM_KEY: stranger.key };
  for (const env of [shown, { PENSTOCK_UPSTREAM_CA: ca }, { PENSTOCK_UPSTREAM_CA: ca, ...strange }]) {
    await using front = await openFront(env);
    expect(await ask(front.url, 'GET /subjects')).toMatchObject({ status: 503, body: { error_code: 50_301 } });
  }
});

test('what is set and does not go together is refused at the start', async () => {
  const { ca, client } = certificates;
  const wrong = { code: 'gateway.wrong-upstream' };
  await expect(openFront({ PENSTOCK_UPSTREAM_CERT: client.cert })).rejects.toMatchObject(wrong);
  await expect(openFront({ PENSTOCK_UPSTREAM_USER: 'me' })).rejects.toMatchObject(wrong);
  await expect(openFront({ PENSTOCK_UPSTREAM_CA: `${ca}.none` })).rejects.toMatchObject(wrong);
  const both = { PENSTOCK_UPSTREAM_USER: 'me', PENSTOCK_UPSTREAM_PASSWORD: 'x', PENSTOCK_UPSTREAM_TOKEN: 't' };
  await expect(openFront(both)).rejects.toMatchObject(wrong);
});
