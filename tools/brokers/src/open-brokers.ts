import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Broker, createBroker } from './broker.ts';
import { createContainerRunner, hasContainerEngine } from './container-runner.ts';
import type { BrokerName, Declaration, Log } from './declaration.ts';
import { addressFromEnvironment, createForeignBroker } from './foreign-broker.ts';
import { kafka } from './kafka.ts';
import { createLocalRunner } from './local-runner.ts';
import { mosquitto } from './mosquitto.ts';
import { findFreePort, requireFreePort } from './ports.ts';
import { postgres } from './postgres.ts';
import { identityOf } from './process-identity.ts';
import { sweep } from './process-record.ts';
import { redis } from './redis.ts';
import type { Runner } from './runner.ts';

/** Every broker, in the order in which they are shown. */
export const declarations: readonly Declaration[] = [kafka, mosquitto, redis, postgres];

/** Downloads are shared by all folders of one checkout. */
export const cacheFolder = join(import.meta.dirname, '../../../.penstock/cache');

export interface BrokersOptions {
  /** Holds each broker's configuration, data, log and process record. */
  readonly folder: string;
  /** Which to start; all four when absent. */
  readonly names?: readonly BrokerName[];
  /** Leave the data when closed, to go on from it later. By default it is erased. */
  readonly keep?: boolean;
  /** Fixed ports; free ones are taken for the rest. */
  readonly ports?: Readonly<Partial<Record<BrokerName, number>>>;
  /** `auto`: containers when an engine answers, else processes. By default processes. */
  readonly by?: 'process' | 'container' | 'auto';
  /** Use the brokers addressed by PENSTOCK_KAFKA, PENSTOCK_MQTT, PENSTOCK_REDIS, PENSTOCK_POSTGRES instead of starting those. */
  readonly fromEnvironment?: boolean;
  /** Told what is downloaded; standard error when absent. */
  readonly log?: Log;
}

/** Running brokers. A broker that was not asked for throws when it is named. */
export interface Brokers extends AsyncDisposable {
  readonly kafka: Broker;
  readonly mosquitto: Broker;
  readonly redis: Broker;
  readonly postgres: Broker;
  readonly all: readonly Broker[];
}

interface Place extends BrokersOptions {
  readonly container: boolean;
  readonly log: Log;
}

interface Opened {
  readonly broker: Broker;
  erase(): Promise<void>;
}

/**
 * Starts real brokers on the loopback address and waits until each answers its own protocol. What an owner that died left
 * running in the folder is ended first. However this process ends, its brokers end with it.
 */
export async function openBrokers(options: BrokersOptions): Promise<Brokers> {
  const folder = resolve(options.folder);
  const container = options.by === 'container' || (options.by === 'auto' && (await hasContainerEngine()));
  const place: Place = { log: (line) => console.error(line), ...options, folder, container };
  await sweep(folder);
  mkdirSync(folder, { recursive: true });
  const dismissWarden = postWarden(folder);
  const opened: Opened[] = [];
  const closeOnce = async (): Promise<void> => {
    await Promise.all(opened.map(({ broker }) => broker.stop()));
    if (!options.keep) await erase(folder, opened);
    dismissWarden();
  };
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  const names = options.names ?? declarations.map(({ name }) => name);
  const wanted = declarations.filter(({ name }) => names.includes(name));
  try {
    for (const declaration of wanted) opened.push(await openBroker(declaration, place));
    await startAll(opened);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return assemble(opened, close);
}

/**
 * Takes away what brokers that do not run any more have stored for a folder, wherever it lies. Throws when the folder is in use.
 */
export async function eraseBrokers(folder: string, log: Log = (line) => console.error(line)): Promise<void> {
  const place: Place = { folder: resolve(folder), container: false, log };
  await sweep(place.folder);
  const used = declarations.filter(({ name }) => existsSync(join(place.folder, name)));
  const containers = await hasContainerEngine();
  for (const declaration of used) {
    await (await localRunner(declaration, 0, place)).erase();
    if (containers) await containerRunner(declaration, 0, place).erase();
  }
  rmSync(place.folder, { recursive: true, force: true });
}

async function startAll(opened: readonly Opened[]): Promise<void> {
  // All have settled before the first failure is thrown, so that closing meets no broker that is still starting.
  const results = await Promise.allSettled(opened.map(({ broker }) => broker.start()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function openBroker(declaration: Declaration, place: Place): Promise<Opened> {
  const { name } = declaration;
  const address = place.fromEnvironment ? addressFromEnvironment(name) : null;
  if (address !== null) return { broker: createForeignBroker(name, address), erase: async () => undefined };
  const fixed = place.ports?.[name];
  if (fixed !== undefined) await requireFreePort(fixed, name);
  const port = fixed ?? (await findFreePort());
  const runner = place.container ? containerRunner(declaration, port, place) : await localRunner(declaration, port, place);
  return { broker: createBroker(declaration, port, runner), erase: () => runner.erase() };
}

async function localRunner(declaration: Declaration, port: number, place: Place): Promise<Runner> {
  const programs = await declaration.install(cacheFolder, place.log);
  const folder = join(place.folder, declaration.name);
  mkdirSync(folder, { recursive: true });
  const wanted = join(folder, 'data');
  const site = {
    host: '127.0.0.1',
    port,
    clientHost: '127.0.0.1',
    clientPort: port,
    innerPort: await findFreePort(),
    dataFolder: programs.dataFolder?.(wanted) ?? wanted,
    configFolder: join(folder, 'config'),
  };
  return createLocalRunner({ declaration, programs, folder, site });
}

function containerRunner(declaration: Declaration, port: number, place: Place): Runner {
  const digest = createHash('sha256').update(place.folder).digest('hex').slice(0, 8);
  const name = `penstock-${digest}-${declaration.name}`;
  return createContainerRunner({ declaration, name, folder: join(place.folder, declaration.name), port });
}

async function erase(folder: string, opened: readonly Opened[]): Promise<void> {
  await Promise.all(opened.map((each) => each.erase()));
  for (const { broker } of opened) rmSync(join(folder, broker.name), { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * However this process ends, what is recorded in the folders below `folder` ends with it. The returned function calls the warden
 * off.
 */
export function postWarden(folder: string): () => void {
  const owner = JSON.stringify(identityOf(process.pid));
  const warden = spawn(process.execPath, [join(import.meta.dirname, 'warden.ts'), folder, owner], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  warden.on('error', () => undefined);
  warden.unref();
  const { stdin } = warden;
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return () => void warden.kill('SIGKILL');
}

function assemble(opened: readonly Opened[], close: () => Promise<void>): Brokers {
  const all = opened.map(({ broker }) => broker);
  const find = (name: BrokerName): Broker => {
    const broker = all.find((each) => each.name === name);
    if (broker === undefined) throw new Error(`${name} was not started: add it to \`names\` of openBrokers`);
    return broker;
  };
  return {
    all,
    get kafka() {
      return find('kafka');
    },
    get mosquitto() {
      return find('mosquitto');
    },
    get redis() {
      return find('redis');
    },
    get postgres() {
      return find('postgres');
    },
    [Symbol.asyncDispose]: close,
  };
}
