import { expect, test } from '@jest/globals';
import { pipelines, schema } from '@penstock/contracts';
import fastify from 'fastify';
import type { Gateway } from '../gateway.ts';
import { State } from '../log/state.ts';
import { addOwnPaths } from '../rest/server.ts';
import { grpcRights } from './grpc-rights.ts';
import { restRights } from './rest-rights.ts';

/** Every path that the door has, with its method. */
function restPaths(): string[] {
  const app = fastify();
  const found = new Set<string>();
  app.addHook('onRoute', ({ method, url, config }) => {
    if (Object(config).unguarded === true) return;
    for (const each of [method].flat()) if (each !== 'HEAD') found.add(`${each} ${url}`);
  });
  const gateway = { log: { state: new State() }, kafka: { config: { brokers: [] } } } as unknown as Gateway;
  addOwnPaths(app, gateway, 1_000);
  return [...found].sort();
}

test('each path of the REST door has a right of its own', () => {
  const paths = restPaths();
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => restRights[path] === undefined)).toEqual([]);
});

test('each method of the contracts has a right of its own', () => {
  const methods = [schema.SchemaServiceService, pipelines.PipelinesServiceService].flatMap((service) =>
    Object.values(service).map(({ path }) => path),
  );
  expect(methods.length).toBeGreaterThan(20);
  expect(methods.filter((path) => grpcRights[path] === undefined)).toEqual([]);
});

test('nothing but the greeting is answered to everybody, and whatever changes something says so', () => {
  const open = Object.entries(restRights).filter(([, { need }]) => need === null);
  expect(open.map(([path]) => path)).toEqual(['GET /']);
  const question = { params: { subject: 'rooms' }, query: {}, body: undefined };
  for (const [path, { need, isChange }] of Object.entries(restRights)) {
    const action = need?.(question).action ?? 'read';
    expect([path, isChange === true]).toEqual([path, action !== 'read']);
    if (path.startsWith('PUT') || path.startsWith('DELETE')) expect([path, isChange]).toEqual([path, true]);
  }
});

test('settings of the default context under a name are those for all', () => {
  for (const subject of ['', ':.', ':.:']) {
    const question = { params: { subject }, query: {}, body: {} };
    for (const path of ['PUT /config/:subject', 'DELETE /config/:subject', 'PUT /mode/:subject', 'DELETE /mode/:subject'])
      expect([path, restRights[path]?.need?.(question)]).toEqual([path, { action: 'configure', on: 'everything' }]);
  }
  const read = restRights['GET /subjects/:subject/versions']?.need?.({ params: { subject: ':.:secret' }, query: {}, body: null });
  expect(read).toEqual({ action: 'read', on: { subject: 'secret' } });
});

test('to force a registration takes the right to override', () => {
  const question = { params: { subject: 'rooms' }, body: null };
  const action = (query: Record<string, string>): unknown =>
    restRights['POST /subjects/:subject/versions']?.need?.({ ...question, query }).action;
  expect([action({}), action({ force: 'true' }), action({ force: 'true', dryRun: 'true' })]).toEqual([
    'register',
    'override',
    'read',
  ]);
});
