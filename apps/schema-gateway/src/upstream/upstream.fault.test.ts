import { SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { afterEach, expect, test } from '@jest/globals';
import { schema as api, health } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { type GatewayProcess, startGateway } from '../testing/gateway-process.ts';
import { ask, openGateway, ownTopics, type TestedGateway } from '../testing/open-gateway.ts';

/** Upstream is a process of its own, which is killed, frozen and started again. */
const running = new Set<GatewayProcess>();
afterEach(async () => {
  for (const each of running) await each.end('SIGKILL');
  running.clear();
});

async function startUpstream(topics: NodeJS.ProcessEnv, port = '0'): Promise<GatewayProcess> {
  const started = await startGateway({ PENSTOCK_KAFKA: brokers().kafka, PENSTOCK_REST_PORT: port, ...topics });
  running.add(started);
  return started;
}

function openFront({ url }: GatewayProcess): Promise<TestedGateway> {
  return openGateway({
    ...ownTopics(),
    PENSTOCK_UPSTREAM: url,
    PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'),
    PENSTOCK_UPSTREAM_FRESH_MS: '200',
    PENSTOCK_UPSTREAM_UNKNOWN_MS: '200',
    PENSTOCK_UPSTREAM_MS_MAX: '1500',
  });
}

async function isServing({ address }: TestedGateway, service: string): Promise<boolean> {
  using client = createGrpcClient(health.HealthClient, address);
  return (await client.check({ service })).status === health.HealthCheckResponse_ServingStatus.SERVING;
}

const avro = (name: string): string => JSON.stringify({ type: 'record', name, fields: [{ name: 'a', type: 'string' }] });
const body = { schema: avro('R') };

test('upstream killed: what is known is answered, the rest says so at once, and everything goes on afterwards', async () => {
  const topics = ownTopics();
  const upstream = await startUpstream(topics);
  await using front = await openFront(upstream);
  const known = [
    'GET /schemas/ids/1',
    'GET /subjects/s/versions/latest',
    'GET /subjects/s/versions/1',
    'GET /subjects',
    'GET /config',
  ];
  expect((await ask(front.url, 'POST /subjects/s/versions', { body })).body).toEqual({ id: 1 });
  const before = new Map<string, string>();
  for (const line of known) before.set(line, (await ask(front.url, line)).text);
  expect((await ask(front.url, 'POST /subjects/s', { body })).status).toBe(200);
  expect((await ask(front.url, 'GET /schemas/ids/7')).status).toBe(404);
  using schemas = createGrpcClient(api.SchemaServiceClient, front.address, { retries: 0 });
  expect((await schemas.getVersion({ subject: 's', version: 1, deleted: false })).version?.id).toBe(1);

  running.delete(upstream);
  await upstream.end('SIGKILL');
  await until(async () => !(await isServing(front, 'schemas')), { deadlineMs: 4_000, what: 'the health to tell it' });
  expect(await isServing(front, '')).toBe(true);
  for (const line of known) expect(await ask(front.url, line)).toMatchObject({ status: 200, text: before.get(line) });
  expect(await ask(front.url, 'POST /subjects/s', { body })).toMatchObject({ status: 200 });
  const stale = await fetch(`${front.url}/subjects/s/versions/latest`);
  expect(stale.headers.get('warning')).toContain('110');
  expect(Number(stale.headers.get('age'))).toBeGreaterThanOrEqual(0);
  for (const line of ['GET /schemas/ids/2', 'GET /schemas/ids/7', 'GET /subjects/t/versions']) {
    const started = performance.now();
    expect(await ask(front.url, line)).toMatchObject({ status: 503, body: { error_code: 50_301 } });
    expect(performance.now() - started).toBeLessThan(500);
  }
  const registering = { body: { schema: avro('Other') } };
  expect(await ask(front.url, 'POST /subjects/t/versions', registering)).toMatchObject({
    status: 503,
    body: { error_code: 50_301 },
  });
  expect((await schemas.getVersion({ subject: 's', version: 1, deleted: false })).version?.id).toBe(1);
  await expect(schemas.getVersion({ subject: 'u', version: 1, deleted: false })).rejects.toMatchObject({
    code: 'gateway.upstream-away',
  });

  // The client of Confluent tries again by itself.
  const client = new SchemaRegistryClient({ baseURLs: [front.url], maxRetries: 20, retriesWaitMs: 200, retriesMaxWaitMs: 500 });
  const registered = client.register('t', { schema: avro('Other'), schemaType: 'AVRO' });
  await startUpstream(topics, new URL(upstream.url).port);
  expect(await registered).toBe(2);
  await until(() => isServing(front, 'schemas'), { deadlineMs: 5_000, what: 'upstream to be reached again' });
  expect(await ask(front.url, 'GET /subjects')).toMatchObject({ status: 200, body: ['s', 't'] });
  expect((await fetch(`${front.url}/subjects/s/versions/latest`)).headers.get('warning')).toBeNull();
  expect((await ask(front.url, 'GET /schemas/ids/7')).status).toBe(404);
  expect(front.lines.filter(({ event }) => event === 'upstream.away')).toHaveLength(1);
}, 40_000);

test('upstream frozen: nobody waits longer than is set, and a change may have happened', async () => {
  const topics = ownTopics();
  const upstream = await startUpstream(topics);
  await using front = await openFront(upstream);
  expect((await ask(front.url, 'POST /subjects/s/versions', { body })).status).toBe(200);
  expect((await ask(front.url, 'GET /subjects')).status).toBe(200);
  process.kill(upstream.pid, 'SIGSTOP');
  const started = performance.now();
  const changed = await ask(front.url, 'POST /subjects/t/versions', { body });
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(changed).toMatchObject({ status: 500, body: { error_code: 50_002 } });
  expect(
    await until(async () => !(await isServing(front, 'schemas')), { deadlineMs: 5_000, what: 'the health to tell it' }),
  ).toBe(true);
  process.kill(upstream.pid, 'SIGCONT');
  await until(() => isServing(front, 'schemas'), { deadlineMs: 5_000, what: 'upstream to be reached again' });
  expect(await ask(front.url, 'POST /subjects/t/versions', { body })).toMatchObject({ status: 200, body: { id: 1 } });
  expect(await ask(front.url, 'GET /subjects/t/versions')).toMatchObject({ body: [1] });
}, 30_000);
