import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createRestDoor } from './rest-door.ts';

type Answer = readonly [status: number, body: unknown];

const nobody = { login: {}, tls: null };

let server: Server;
const asked: IncomingMessage[] = [];

/** A registry that answers what it is told to, and everything else with 404. */
async function registryWith(answers: Readonly<Record<string, Answer>>): Promise<string> {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request);
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [404, { error_code: 404, message: 'no such path' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a registry that has no list of all schemas is asked subject by subject', async () => {
  const schema = { subject: 'a', version: 1, id: 7, schema: '"int"' };
  const address = await registryWith({
    'GET /subjects': [200, ['a', 'b']],
    'GET /subjects/a/versions': [200, [1]],
    'GET /subjects/a/versions/1': [200, schema],
  });
  using door = createRestDoor(`http://${address}`, nobody);
  expect(await door.list('a', false)).toEqual([
    { subject: 'a', version: 1, id: 7, format: 'AVRO', text: '"int"', references: [], deleted: false },
  ]);
});

test('reasons in sentences are taken apart, what surrounds them is left out', async () => {
  const messages = [
    `{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field: at path '/fields/0/type': no', additionalInfo:'x'}`,
    '{oldSchemaVersion: 1}',
    `{oldSchema: '"int"'}`,
    `{validateFields: 'false', compatibility: 'BACKWARD'}`,
  ];
  const address = await registryWith({
    'POST /compatibility/subjects/a%2Fb/versions?verbose=true': [200, { is_compatible: false, messages }],
    'GET /config/a%2Fb?defaultToGlobal=true': [200, { compatibilityLevel: 'FULL' }],
  });
  using door = createRestDoor(`http://${address}`, nobody);
  const answer = await door.check('a/b', { format: 'AVRO', text: '"string"' }, null);
  expect(answer).toMatchObject({ compatible: false, level: 'FULL', breaks: [] });
  expect(answer.reasons).toMatchObject([{ type: 'TYPE_MISMATCH', path: '/fields/0/type', version: null, direction: null }]);
});

test('what is wrong with a schema is no reason of a comparison', async () => {
  const messages = ['Invalid schema: expected a type'];
  const address = await registryWith({
    'POST /compatibility/subjects/a/versions?verbose=true': [200, { is_compatible: false, messages }],
  });
  using door = createRestDoor(`http://${address}`, nobody);
  await expect(door.check('a', { format: 'AVRO', text: '{' }, null)).rejects.toMatchObject({
    code: 'cli.registry-refused',
    message: 'the registry says: Invalid schema: expected a type',
  });
});

test('what a registry says is told with its code', async () => {
  const address = await registryWith({
    'GET /subjects/a/versions/1': [404, { error_code: 40_402, message: 'Version 1 not found.' }],
  });
  using door = createRestDoor(`http://${address}`, nobody);
  await expect(door.version('a', 1)).rejects.toMatchObject({
    code: 'cli.not-found',
    message: `the registry at http://${address} says: Version 1 not found. (40402)`,
  });
});

test('a name and a password in the URL become basic authentication', async () => {
  const address = await registryWith({ 'GET /mode': [200, { mode: 'READWRITE' }] });
  using door = createRestDoor(`http://lab:s%20cret@${address}/`, nobody);
  expect(await door.mode('')).toEqual({ value: 'READWRITE', own: true });
  const secret = Buffer.from('lab:s cret').toString('base64');
  expect(asked[0]?.headers.authorization).toBe(`Basic ${secret}`);
});
