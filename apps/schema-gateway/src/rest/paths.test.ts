import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import type { Gateway } from '../gateway.ts';
import { State } from '../log/state.ts';
import { addOwnPaths } from './server.ts';

/** Confluent's API, as it describes itself. */
const served = [
  'GET /',
  'GET /contexts',
  'GET /schemas',
  'GET /schemas/types',
  'GET /schemas/ids/{id}',
  'GET /schemas/ids/{id}/schema',
  'GET /schemas/ids/{id}/subjects',
  'GET /schemas/ids/{id}/versions',
  'GET /schemas/guids/{guid}',
  'GET /schemas/guids/{guid}/ids',
  'GET /subjects',
  'POST /subjects/{subject}',
  'DELETE /subjects/{subject}',
  'GET /subjects/{subject}/metadata',
  'GET /subjects/{subject}/versions',
  'POST /subjects/{subject}/versions',
  'GET /subjects/{subject}/versions/{version}',
  'DELETE /subjects/{subject}/versions/{version}',
  'GET /subjects/{subject}/versions/{version}/schema',
  'GET /subjects/{subject}/versions/{version}/referencedby',
  'POST /compatibility/subjects/{subject}/versions',
  'POST /compatibility/subjects/{subject}/versions/{version}',
  'GET /config',
  'PUT /config',
  'DELETE /config',
  'GET /config/{subject}',
  'PUT /config/{subject}',
  'DELETE /config/{subject}',
  'GET /mode',
  'PUT /mode',
  'DELETE /mode',
  'GET /mode/{subject}',
  'PUT /mode/{subject}',
  'DELETE /mode/{subject}',
  'GET /v1/metadata/id',
  'GET /v1/metadata/version',
];

/** What the README says is not there. */
const absent = ['POST /', 'DELETE /contexts/{context}', '/exporters', '/associations'];

function pathsOf(): Set<string> {
  const app = fastify();
  const found = new Set<string>();
  app.addHook('onRoute', ({ method, url, config }) => {
    if (Object(config).unguarded === true) return;
    for (const each of [method].flat()) found.add(`${each} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
  addOwnPaths(app, { log: { state: new State() }, kafka: { config: { brokers: [] } } } as unknown as Gateway, 1_000);
  return found;
}

test('each path of the API is served, or said to be absent', () => {
  const found = pathsOf();
  expect(served.filter((path) => !found.has(path))).toEqual([]);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const path of absent) {
    expect([path, readme.includes(`\`${path}\``)]).toEqual([path, true]);
    expect([path, [...found].some((each) => each === path || each.includes(` ${path}`))]).toEqual([path, false]);
  }
});
