import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cached,
  cacheFolder,
  copyMavenDependencies,
  findFreePort,
  findJava,
  forgetProcess,
  identityOf,
  kafkaLibraries,
  killFamily,
  postWarden,
  recordProcess,
} from '@penstock/brokers';
import { until } from '@penstock/testing';

const pomFile = join(import.meta.dirname, '../connect/connect-file.pom.xml');
const version = /<version>(\d+\.\d+\.\d+)<\/version>/.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** A connector's settings, as its own documentation spells them. */
export type ConnectorSettings = Readonly<Record<string, string | number>> & { readonly name: string };

export interface ConnectWorkerOptions {
  /** For configuration, offsets and the log. */
  readonly folder: string;
  readonly broker: string;
  readonly connectors: readonly ConnectorSettings[];
  /** Folders of plugins besides the file connectors. */
  readonly plugins?: readonly string[];
}

/** A stock Kafka Connect worker in standalone mode, with nothing of ours in it. Resolves when all its connectors run. */
export async function openConnectWorker(options: ConnectWorkerOptions): Promise<AsyncDisposable> {
  const { folder, broker, connectors } = options;
  const log = (line: string): void => console.error(line);
  const java = await findJava('Kafka Connect');
  const libraries = await kafkaLibraries(cacheFolder, log);
  const plugins = await cached(cacheFolder, `connect-file-${version}`, (target) =>
    copyMavenDependencies(pomFile, join(target, 'connect-file')),
  );
  const home = join(folder, 'connect');
  mkdirSync(home, { recursive: true });
  const port = await findFreePort();
  const files = [
    propertiesFile(
      join(home, 'worker.properties'),
      workerSettings({ home, broker, port, plugins: [plugins, ...(options.plugins ?? [])] }),
    ),
    ...connectors.map((connector) => propertiesFile(join(home, `${connector.name}.properties`), connector)),
  ];
  const logFile = join(home, 'log.txt');
  const output = openSync(logFile, 'a');
  const main = 'org.apache.kafka.connect.cli.ConnectStandalone';
  const args = ['-Xms64m', '-Xmx256m', '-cp', `${libraries}/*`, main, ...files];
  const child = spawn(java, args, { cwd: home, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  await once(child, 'spawn');
  const identity = identityOf(child.pid as number);
  recordProcess(home, identity);
  const dismissWarden = postWarden(folder);
  const close = async (): Promise<void> => {
    await killFamily(identity);
    forgetProcess(home);
    dismissWarden();
  };
  try {
    const running = (): Promise<boolean> => allRun(port, connectors);
    await until(running, { deadlineMs: 60_000, what: `the connectors to run; ${logFile} says why not` });
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { [Symbol.asyncDispose]: close };
}

interface WorkerPlace {
  readonly home: string;
  readonly broker: string;
  readonly port: number;
  readonly plugins: readonly string[];
}

function workerSettings({ home, broker, port, plugins }: WorkerPlace): Record<string, string | number> {
  const converter = 'org.apache.kafka.connect.storage.StringConverter';
  return {
    'bootstrap.servers': broker,
    'key.converter': converter,
    'value.converter': converter,
    // A byte is a character and a character is a byte: so text connectors carry the registry's wire format.
    'value.converter.converter.encoding': 'ISO-8859-1',
    'offset.storage.file.filename': join(home, 'offsets'),
    'offset.flush.interval.ms': 500,
    listeners: `http://127.0.0.1:${port}`,
    'plugin.path': plugins.join(','),
    'plugin.discovery': 'service_load',
  };
}

function propertiesFile(path: string, settings: Readonly<Record<string, string | number>>): string {
  writeFileSync(
    path,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return path;
}

async function allRun(port: number, connectors: readonly ConnectorSettings[]): Promise<boolean> {
  const states = await Promise.all(
    connectors.map(async ({ name }) => {
      const response = await fetch(`http://127.0.0.1:${port}/connectors/${name}/status`);
      const { tasks = [] } = (await response.json()) as { tasks?: readonly { state: string }[] };
      return tasks.length > 0 && tasks.every(({ state }) => state === 'RUNNING');
    }),
  );
  return states.every(Boolean);
}
