import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { createRestRegistry } from './rest-registry.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const reading = '{"type":"object","properties":{"co2Ppm":{"type":"number"}}}';
const outage = { code: 'schema.registry-unreachable', remedy: 'retry' };
const refusal = { code: 'schema.registry-refused', remedy: 'stop' };
const asked: {
  readonly line: string;
  readonly body: string;
  readonly accept: string | undefined;
  readonly login: string | undefined;
}[] = [];
let answers: Record<string, Answer> = {};
let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, sleep: async () => undefined };

const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    const line = `${request.method} ${request.url}`;
    asked.push({ line, body, accept: request.headers.accept, login: request.headers.authorization });
    const answer = answers[line] ?? { status: 404, body: { error_code: 40_403, message: 'Schema not found' } };
    response.writeHead(answer.status).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

let url = '';
beforeEach(async () => {
  asked.length = 0;
  answers = {};
  nowMs = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a GUID is asked for once, with the id that it has in the default context, and one that is unknown each time', async () => {
  const registry = createRestRegistry({ url, clock });
  const [guid, other] = ['89791762-2336-4186-9674-299b90a802e2', '11111111-1111-1111-1111-111111111111'];
  const ids = [
    { id: 3, context: '.lab' },
    { id: 7, context: '.' },
  ];
  answers = {
    [`GET /schemas/guids/${guid}`]: { status: 200, body: { schema: reading, schemaType: 'JSON' } },
    [`GET /schemas/guids/${guid}/ids`]: { status: 200, body: ids },
  };
  for (let round = 0; round < 2; round += 1) {
    expect(await registry.byGuid?.(guid)).toMatchObject({ id: 7, schema: { format: 'JSON' } });
    expect(await registry.byGuid?.(other)).toBeNull();
  }
  expect(asked.map(({ line }) => line)).toEqual([
    `GET /schemas/guids/${guid}`,
    `GET /schemas/guids/${guid}/ids`,
    `GET /schemas/guids/${other}`,
    `GET /schemas/guids/${other}`,
  ]);
});

test('versions are asked for once, deleted ones too, and an id has that of its subject which is the last', async () => {
  const registry = createRestRegistry({ url, clock });
  const body = { subject: 's', version: 2, id: 7, schema: reading, schemaType: 'JSON' };
  answers = {
    'GET /subjects/s/versions/2?deleted=true': { status: 200, body },
    'GET /schemas/ids/7/versions?deleted=true&subject=s': {
      status: 200,
      body: [
        { subject: 's', version: 4 },
        { subject: 's', version: 2 },
        { subject: 'other', version: 9 },
      ],
    },
  };
  expect((await Promise.all([registry.version('s', 2), registry.version('s', 2)])).map((found) => found?.id)).toEqual([7, 7]);
  expect(asked).toHaveLength(1);
  expect(await registry.versionOf?.('s', 7)).toBe(4);
  expect(await registry.versionOf?.('s', 8)).toBeNull();
  expect(await registry.version('s', 3)).toBeNull();
});

describe('a registry that wants to know who asks', () => {
  const known = { 'GET /schemas/ids/7': { status: 200, body: { schema: reading, schemaType: 'JSON' } } };

  test('is told by what the address carries, which no message shows', async () => {
    answers = known;
    await createRestRegistry({ url: url.replace('://', '://ada:s3cret@'), clock }).schema(7);
    expect(asked.at(-1)?.login).toBe(`Basic ${Buffer.from('ada:s3cret').toString('base64')}`);
    const away = createRestRegistry({ url: 'http://ada:s3cret@127.0.0.1:1', clock });
    await expect(away.schema(7)).rejects.toMatchObject({ ...outage, message: expect.not.stringContaining('s3cret') });
  });

  test('is told by a token, before anything else', async () => {
    answers = known;
    await createRestRegistry({ url: url.replace('://', '://ada:s3cret@'), login: { token: 'abc' }, clock }).schema(7);
    expect(asked.at(-1)?.login).toBe('Bearer abc');
  });

  test('is away while the secret cannot be read: nothing is taken for unknown', async () => {
    answers = known;
    const registry = createRestRegistry({ url, login: { tokenFile: '/nowhere/at/all' }, clock });
    await expect(registry.schema(7)).rejects.toMatchObject(outage);
    expect(asked).toEqual([]);
  });
});

describe('a client of a registry', () => {
  test('asks for an id once, and again for one that was not known', async () => {
    const registry = createRestRegistry({ url });
    expect(await registry.schema(7)).toBeNull();
    answers['GET /schemas/ids/7'] = { status: 200, body: { schema: reading, schemaType: 'JSON' } };
    const [one, two] = await Promise.all([registry.schema(7), registry.schema(7)]);
    expect(one?.shape.fields).toEqual([{ name: 'co2Ppm', type: 'number', nullable: true }]);
    expect(two).toBe(one);
    expect(await registry.schema(7)).toBe(one);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.accept).toBe('application/vnd.schemaregistry.v1+json');
  });

  test('believes the latest version for a moment, and not after it registered', async () => {
    const registry = createRestRegistry({ url, clock, latestForMs: 100 });
    const path = '/subjects/rooms%2Fraw-value/versions';
    const version = { subject: 'rooms/raw-value', version: 3, id: 7, schema: reading, schemaType: 'JSON' };
    answers[`GET ${path}/latest`] = { status: 200, body: version };
    answers[`POST ${path}`] = { status: 200, body: { id: 8 } };
    expect(await registry.latest('rooms/raw-value')).toMatchObject({ version: 3, id: 7 });
    nowMs = 99;
    await registry.latest('rooms/raw-value');
    expect(asked).toHaveLength(1);
    nowMs = 100;
    await registry.latest('rooms/raw-value');
    expect(asked).toHaveLength(2);
    expect(await registry.register('rooms/raw-value', { format: 'JSON', text: reading })).toBe(8);
    await registry.latest('rooms/raw-value');
    expect(asked.map(({ line }) => line.split(' ')[0])).toEqual(['GET', 'GET', 'POST', 'GET']);
    expect(JSON.parse(asked[2]?.body ?? '')).toEqual({ schema: reading, schemaType: 'JSON' });
  });

  test('fetches what a schema refers to, and what that refers to', async () => {
    const proto = 'syntax="proto3"; import "b.proto"; message A { B b = 1; string id = 2; }';
    answers['GET /schemas/ids/1'] = {
      status: 200,
      body: { schema: proto, schemaType: 'PROTOBUF', references: [{ name: 'b.proto', subject: 'b', version: 2 }] },
    };
    answers['GET /subjects/b/versions/2?deleted=true'] = {
      status: 200,
      body: {
        schema: 'syntax="proto3"; import "c.proto"; message B { C c = 1; }',
        references: [{ name: 'c.proto', subject: 'c', version: 1 }],
      },
    };
    answers['GET /subjects/c/versions/1?deleted=true'] = {
      status: 200,
      body: { schema: 'syntax="proto3"; message C { int32 x = 1; }' },
    };
    expect((await createRestRegistry({ url }).schema(1))?.shape.fields.map(({ name }) => name)).toEqual(['id']);
  });

  test.each<[string, Answer, object]>([
    ['an error of the server', { status: 500, body: { error_code: 50_001, message: 'store' } }, outage],
    ['a login that is asked for', { status: 401, body: { error_code: 401, message: 'no' } }, outage],
    ['another server at the address', { status: 404, body: { error_code: 404, message: '' } }, outage],
    ['a proxy that answers in HTML', { status: 502, body: '<html>' }, outage],
    ['an incompatible schema', { status: 409, body: { error_code: 409, message: 'breaks' } }, refusal],
    ['an invalid schema', { status: 422, body: { error_code: 42_201, message: 'bad' } }, refusal],
  ])('%s', async (_, answer, problem) => {
    answers['POST /subjects/s/versions'] = answer;
    const registering = createRestRegistry({ url }).register('s', { format: 'JSON', text: reading });
    await expect(registering).rejects.toMatchObject(problem);
  });

  test('a registry that is not there, or says nothing in time, is an outage', async () => {
    const away = createRestRegistry({ url: 'http://127.0.0.1:1' });
    await expect(away.schema(1)).rejects.toMatchObject(outage);
    server.removeAllListeners('request').on('request', () => undefined);
    await expect(createRestRegistry({ url, timeoutMs: 30 }).schema(1)).rejects.toMatchObject({ remedy: 'retry' });
  });
});
