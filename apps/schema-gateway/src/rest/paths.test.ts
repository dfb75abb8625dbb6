import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import type { Gateway } from '../gateway.ts';
import { State } from '../log/state.ts';
import { addOwnPaths } from './server.ts';

interface Api {
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

/** Confluent's API as it describes itself: methods and paths, with their query parameters. */
const { paths } = JSON.parse(readText('../testing/confluent-paths.json')) as Api;

/** What is not there, with the reason; the README says so too. */
const absent: Readonly<Record<string, string>> = {
  '/associations': 'they tie subjects to topics of a stream catalogue that is not ours, and no client needs them',
};
/** What the file does not list, for it describes another service; said to be absent as well. */
const absentBesides = ['/exporters'];

function readText(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

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

const isAbsent = (path: string): boolean => Object.keys(absent).some((prefix) => path.includes(` ${prefix}`));

test('each path of the API is served, or said to be absent', () => {
  const found = pathsOf();
  expect(Object.keys(paths).length).toBeGreaterThan(40);
  const wanted = Object.keys(paths).filter((path) => !isAbsent(path));
  expect(wanted.filter((path) => !found.has(path))).toEqual([]);
  const readme = readText('../../README.md');
  for (const prefix of [...Object.keys(absent), ...absentBesides]) {
    expect([prefix, readme.includes(`\`${prefix}\``)]).toEqual([prefix, true]);
    expect([prefix, [...found].some((each) => each.includes(` ${prefix}`))]).toEqual([prefix, false]);
  }
});

test('each query parameter of what is served is read somewhere', () => {
  const folder = new URL('./', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const code = sources.map((name) => readText(`./${name}`)).join('');
  const named = new Set(Object.entries(paths).flatMap(([path, query]) => (isAbsent(path) ? [] : query)));
  expect([...named].filter((name) => !code.includes(`'${name}'`))).toEqual([]);
});
