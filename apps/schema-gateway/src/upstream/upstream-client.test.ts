import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { readUpstream, type UpstreamOptions, upstreamSettings } from './settings.ts';
import { openUpstreamClient, type UpstreamClient, type UpstreamRequest } from './upstream-client.ts';

let server: Server;
let url = '';
let client: UpstreamClient;
let seen: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const folder = mkdtempSync(join(tmpdir(), 'penstock-upstream-'));
beforeEach(async () => {
  seen = [];
  answer = (_, response) => response.end('[]');
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  client = openUpstreamClient(optionsOf());
});
afterEach(() => {
  client[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function optionsOf(more: object = {}): UpstreamOptions {
  const options = readUpstream(z.object(upstreamSettings).parse({ upstream: url, ...more }));
  if (options === null) throw new Error('no upstream');
  return options;
}

function requestOf(line: string): UpstreamRequest {
  const [method = '', path = ''] = line.split(' ');
  return { method, url: path, headers: {}, body: null };
}

const send = (line: string, timeoutMs = 2_000) => client.send(requestOf(line), timeoutMs);

test('a path goes as it came, below that of the registry', async () => {
  await send('GET /subjects/a%2Fb%20c/versions/../1?x=%C3%A4');
  expect(seen).toEqual(['GET /base/subjects/a%2Fb%20c/versions/../1?x=%C3%A4']);
});

test('a connection that is closed just when it is used again is opened anew, for what may be asked twice', async () => {
  await send('GET /subjects');
  answer = ({ socket }, response) => (seen.length === 2 ? socket.resetAndDestroy() : response.end('[]'));
  expect((await send('GET /subjects')).status).toBe(200);
  expect(seen).toHaveLength(3);
  answer = ({ socket }) => socket.resetAndDestroy();
  await expect(send('DELETE /subjects/s')).rejects.toMatchObject({ code: 'gateway.upstream-silent' });
  expect(seen.filter((line) => line.startsWith('DELETE'))).toHaveLength(1);
});

test('who is not reached is away; who was reached and does not answer may have done it', async () => {
  answer = () => undefined;
  await expect(send('PUT /config', 50)).rejects.toMatchObject({ code: 'gateway.upstream-silent', facts: { timedOut: true } });
  answer = (_, response) => response.writeHead(200, { 'content-length': '10' }).write('[');
  await expect(send('GET /config', 50)).rejects.toMatchObject({ code: 'gateway.upstream-silent' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(send('PUT /config')).rejects.toMatchObject({ code: 'gateway.upstream-away', facts: { timedOut: false } });
});

test('a token that was renewed in its file is taken when the old one is refused', async () => {
  const file = join(folder, 'token');
  let valid = 'one';
  answer = ({ headers }, response) => response.writeHead(headers.authorization === `Bearer ${valid}` ? 200 : 401).end('[]');
  writeFileSync(file, 'one\n');
  using renewing = openUpstreamClient(optionsOf({ upstreamTokenFile: file }));
  expect((await renewing.send(requestOf('GET /subjects'), 2_000)).status).toBe(200);
  valid = 'two';
  expect((await renewing.send(requestOf('GET /subjects'), 2_000)).status).toBe(401);
  writeFileSync(file, 'two\n');
  expect((await renewing.send(requestOf('GET /subjects'), 2_000)).status).toBe(200);
});

test('what belongs to one connection, or to the login, does not go on', async () => {
  answer = (_, response) =>
    response.writeHead(200, { 'set-cookie': 'a=b', 'x-kept': 'yes', 'www-authenticate': 'Basic' }).end('[]');
  const { headers } = await send('GET /subjects');
  expect(headers).toEqual({ 'x-kept': 'yes' });
});
