import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Brokers, cacheFolder, identityOf, openBrokers, postWarden, sweep } from '@penstock/brokers';
import { type PlatformEvent, type Said, sentenceOf } from './platform-event.ts';
import { type PlatformRecord, readRecord, readRunningRecord, writeRecord } from './platform-record.ts';
import { choosePorts, type Ports } from './port-choice.ts';
import { alreadyRuns } from './problems.ts';
import { drainOrder, entryOf, type ServiceName, serviceNames } from './service-list.ts';
import { ServiceProcess } from './service-process.ts';

export interface PlatformOptions {
  /** Holds everything: data, logs, records. It is kept when the platform stops. */
  readonly folder: string;
  /** `fixed`: the same ports at each start; `any`: free ones, for a platform beside others. */
  readonly ports?: 'fixed' | 'any';
  /** Ports that must be these. */
  readonly demandedPorts?: Partial<Ports>;
  /** Added to what the services are told. */
  readonly env?: Readonly<Record<string, string>>;
  /** Containers when an engine answers, else processes; `process` never asks an engine. */
  readonly by?: 'auto' | 'process' | 'container';
  /** Which services to start; all when absent. */
  readonly services?: readonly ServiceName[];
  /** What Node runs for a service, when it is not the one of this checkout. */
  readonly entryOf?: (service: ServiceName) => string;
  /** How long a service may take to settle what it has taken in. */
  readonly drainMs?: number;
  /** Standard error when absent. */
  readonly said?: Said;
  /** Stops it, also while it starts. */
  readonly signal?: AbortSignal;
}

/** The whole of Penstock on this machine: four brokers and a process for each service, started again when they die. */
export interface Platform extends AsyncDisposable {
  readonly folder: string;
  readonly brokers: Brokers;
  readonly services: readonly ServiceProcess[];
  /** Throws for a service that was not asked for. */
  service(name: ServiceName): ServiceProcess;
  /** What the services are told: where brokers, registry and gateway are. */
  readonly env: Readonly<Record<string, string>>;
  /** Where a service answers gRPC. */
  grpcOf(name: ServiceName): string;
  /** Drains the services, sources first, and stops the brokers. Data, logs and ports are kept. Answers who did not end in good order. */
  stop(): Promise<readonly ServiceName[]>;
}

const host = '127.0.0.1';
const startMs = 60_000;
/** What a process gets on top of its own deadline before it is killed. */
const drainGraceMs = 7_000;

/** Starts everything and waits until all of it answers. However this process ends, nothing of it goes on running. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { said = (event: PlatformEvent) => console.error(sentenceOf(event)) } = options;
  const folder = resolve(options.folder);
  const running = readRunningRecord(folder);
  if (running !== null)
    throw alreadyRuns(`the platform of ${folder} is held by process ${running.owner.pid}: \`penstock down\` ends it`);
  mkdirSync(folder, { recursive: true });
  const places = { brokers: join(folder, 'brokers'), services: join(folder, 'services') };
  await sweep(places.services);
  await sweep(places.brokers);
  const ports = await choosePorts(
    { usual: options.ports ?? 'fixed', remembered: readRecord(folder)?.ports ?? {}, demanded: options.demandedPorts ?? {} },
    (line) => said({ event: 'line', line }),
  );
  await using opening = new AsyncDisposableStack();
  const startedAt = performance.now();
  const brokers = await openBrokers({
    folder: places.brokers,
    ports,
    by: options.by ?? 'auto',
    fromEnvironment: true,
    keep: true,
    log: (line) => said({ event: 'line', line }),
  });
  opening.use(brokers);
  said({ event: 'ready', part: 'brokers', seconds: (performance.now() - startedAt) / 1_000 });
  const platform = new RunningPlatform({ options, folder, said, brokers, ports });
  opening.use(platform);
  await platform.start();
  opening.move();
  return platform;
}

interface Parts {
  readonly options: PlatformOptions;
  readonly folder: string;
  readonly brokers: Brokers;
  readonly ports: Ports;
  readonly said: Said;
}

class RunningPlatform implements Platform {
  readonly folder: string;
  readonly brokers: Brokers;
  readonly services: readonly ServiceProcess[];
  readonly env: Readonly<Record<string, string>>;
  readonly #parts: Parts;
  readonly #startedAtMs = Date.now();
  readonly #dismissWarden: () => void;
  #stopping: Promise<readonly ServiceName[]> | null = null;
  #state: PlatformRecord['state'] = 'starting';

  constructor(parts: Parts) {
    this.#parts = parts;
    this.folder = parts.folder;
    this.brokers = parts.brokers;
    this.env = { ...addressesOf(parts), ...parts.options.env };
    const folder = join(parts.folder, 'services');
    mkdirSync(folder, { recursive: true });
    this.#dismissWarden = postWarden(folder);
    this.services = serviceNames
      .filter((name) => parts.options.services?.includes(name) ?? true)
      .map((name) => this.#create(name));
    this.#record();
  }

  /** The first of them answers the others; the rest starts side by side. */
  async start(): Promise<void> {
    const { signal } = this.#parts.options;
    signal?.addEventListener('abort', () => void this.stop(), { once: true });
    signal?.throwIfAborted();
    const [first, ...others] = this.services;
    await first?.start();
    // All have settled before the first failure is thrown, so that nothing is ended while it starts.
    const results = await Promise.allSettled(others.map((service) => service.start()));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    signal?.throwIfAborted();
    this.#become('running');
  }

  service(name: ServiceName): ServiceProcess {
    const found = this.services.find((service) => service.name === name);
    if (found === undefined) throw new TypeError(`${name} was not started: add it to \`services\``);
    return found;
  }

  grpcOf(name: ServiceName): string {
    return `${host}:${this.#parts.ports[name]}`;
  }

  stop(): Promise<readonly ServiceName[]> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<readonly ServiceName[]> {
    this.#become('stopping');
    const unfinished: ServiceName[] = [];
    for (const name of drainOrder) {
      const service = this.services.find((each) => each.name === name);
      const ran = service !== undefined && service.pid !== null;
      if (service !== undefined && (await service.stop()) !== 0 && ran) unfinished.push(name);
    }
    const startedAt = performance.now();
    await this.brokers[Symbol.asyncDispose]();
    this.#parts.said({ event: 'ended', part: 'brokers', how: 'stopped', seconds: (performance.now() - startedAt) / 1_000 });
    this.#dismissWarden();
    this.#become('stopped');
    return unfinished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #create(name: ServiceName): ServiceProcess {
    const { said, ports, options } = this.#parts;
    const { drainMs = 20_000 } = options;
    const env = {
      ...process.env,
      ...this.env,
      PENSTOCK_DRAIN_MS: String(drainMs),
      PENSTOCK_GRPC_HOST: host,
      PENSTOCK_GRPC_PORT: String(ports[name]),
      ...(name === 'schema-gateway' ? { PENSTOCK_REST_PORT: String(ports.registry) } : {}),
      // What was stripped and compiled once is not stripped and compiled at each start.
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(cacheFolder, 'compiled'),
    };
    return new ServiceProcess({
      name,
      entry: (options.entryOf ?? entryOf)(name),
      env,
      folder: join(this.folder, 'services', name),
      logFile: join(this.folder, 'logs', `${name}.log`),
      startMs,
      drainMs: drainMs + drainGraceMs,
      said,
      changed: () => this.#record(),
    });
  }

  #become(state: PlatformRecord['state']): void {
    this.#state = state;
    this.#record();
  }

  #record(): void {
    const { ports, brokers } = this.#parts;
    const record: PlatformRecord = {
      owner: this.#state === 'stopped' ? null : identityOf(process.pid),
      state: this.#state,
      startedAtMs: this.#startedAtMs,
      ports,
      brokers: Object.fromEntries(brokers.all.map(({ name, address, pid }) => [name, { address, pid }])),
      services: Object.fromEntries(
        this.services.map(({ name, pid, restarts }) => [name, { grpc: this.grpcOf(name as ServiceName), pid, restarts }]),
      ),
      env: this.env,
    };
    writeRecord(this.folder, record);
  }
}

/** Where everything is, as services and commands are told. */
function addressesOf({ brokers, ports }: Parts): Record<string, string> {
  return {
    PENSTOCK_KAFKA: brokers.kafka.address,
    PENSTOCK_REDIS: brokers.redis.address,
    PENSTOCK_REGISTRY: `http://${host}:${ports.registry}`,
    PENSTOCK_GATEWAY: `${host}:${ports['schema-gateway']}`,
    MQTT_URL: brokers.mosquitto.address,
    POSTGRES_URL: brokers.postgres.address,
  };
}
