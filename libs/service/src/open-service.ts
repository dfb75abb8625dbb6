import { ServerCredentials } from '@grpc/grpc-js';
import { type Clock, createRandom, type Facts, type Random, systemClock } from '@penstock/kernel';
import type { z } from 'zod';
import { type BaseConfig, baseConfig, readConfig } from './config.ts';
import { serveReflection } from './grpc/reflection.ts';
import { GrpcDoor } from './grpc/server.ts';
import { Health } from './health.ts';
import { createLog, factsOf, type Log } from './log.ts';
import type { RunningService, ServiceDefinition } from './service.ts';
import { observeProcess } from './telemetry/process-metrics.ts';
import { noTelemetry, openTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { readTls, serverCredentials, type Tls } from './tls.ts';

export interface OpenServiceOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Takes the lines of the log. */
  readonly write?: (line: string) => void;
  /** Told of a defect. */
  readonly failed?: (thrown: unknown) => void;
  /** Aborts when the service is asked to end. */
  readonly ending?: AbortSignal;
}

/** A service whose doors are open. */
export interface OpenService extends AsyncDisposable {
  /** `host:port` of its gRPC. */
  readonly address: string;
  /** `host:port` of its plain health, where callers of gRPC must show a certificate; else the same as `address`. */
  readonly healthAddress: string;
  readonly health: Health;
  readonly log: Log;
  /** Stops intake and settles what was taken in; false when the deadline came first. */
  drain(): Promise<boolean>;
}

/** Opens a service in this process: config, telemetry, its own parts, doors, ready. What fails half-way closes what was opened. */
export async function openService<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema>,
  options: OpenServiceOptions,
): Promise<OpenService> {
  const { env, clock = systemClock, random = createRandom(Date.now() ^ process.pid) } = options;
  const base = readConfig(baseConfig, env);
  const config = readConfig(definition.config, env);
  const tls = readTls(base);
  await using opened = new AsyncDisposableStack();
  const telemetry = opened.use(await openTelemetry(definition.name, env));
  const write = options.write ?? ((line: string) => console.log(line));
  const log = createLog({ service: definition.name, clock }, write, telemetry.log);
  const health = new Health();
  opened.use(observeProcess(telemetry, () => health.isServing('')));
  const doors = openDoors({ base, tls, telemetry, health, log });
  const announced: Record<string, string | number | boolean> = {};
  const running = opened.use(
    await definition.open({
      name: definition.name,
      config,
      clock,
      random,
      telemetry,
      server: doors.main,
      health,
      tls,
      ending: options.ending ?? new AbortController().signal,
      log,
      announce: (facts) => void Object.assign(announced, facts),
      fail: options.failed ?? ((thrown) => log('service.defect', factsOf(thrown))),
    }),
  );
  // The doors close first: nothing is asked of parts that are closed already.
  opened.use(doors.main);
  if (doors.health !== doors.main) opened.use(doors.health);
  const address = await doors.main.listen();
  const healthAddress = doors.health === doors.main ? address : await doors.health.listen();
  health.set('', true);
  const addresses: Facts = healthAddress === address ? { grpc: address } : { grpc: address, health: healthAddress };
  log('service.ready', { ...addresses, ...announced });
  const closing = opened.move();
  return {
    address,
    healthAddress,
    health,
    log,
    drain: () => drain({ health, log, doors, running, drainMs: base.drainMs }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

interface Doors {
  readonly main: GrpcDoor;
  /** The same one, unless callers of the main one must show a certificate: probes have none. */
  readonly health: GrpcDoor;
}

interface DoorParts {
  readonly base: BaseConfig;
  readonly tls: Tls | null;
  readonly telemetry: Telemetry;
  readonly health: Health;
  readonly log: Log;
}

function openDoors({ base, tls, telemetry, health, log }: DoorParts): Doors {
  const { grpcHost: host, callMsMax, callsMax, grpcMessageBytesMax: messageBytesMax } = base;
  const defect = (method: string, thrown: unknown): void => log('call.defect', { method, ...factsOf(thrown) });
  const all = { host, callMsMax, callsMax, messageBytesMax, defect };
  const credentials = serverCredentials(tls, base.tlsClientAuth);
  const main = new GrpcDoor({ ...all, telemetry, port: base.grpcPort, portVariable: 'PENSTOCK_GRPC_PORT', credentials });
  health.serve(main);
  serveReflection(main, () => main.services);
  if (base.tlsClientAuth !== 'require') return { main, health: main };
  const plain = { credentials: ServerCredentials.createInsecure(), telemetry: noTelemetry() };
  const apart = new GrpcDoor({ ...all, ...plain, port: base.healthPort, portVariable: 'PENSTOCK_HEALTH_PORT' });
  health.serve(apart);
  return { main, health: apart };
}

interface DrainParts {
  readonly health: Health;
  readonly log: Log;
  readonly doors: Doors;
  readonly running: RunningService;
  readonly drainMs: number;
}

async function drain({ health, log, doors, running, drainMs }: DrainParts): Promise<boolean> {
  log('service.draining', { drainMs });
  health.set('', false);
  const deadline = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => {
    deadline.abort();
    resolve(false);
  }, drainMs);
  // Together: calls under way may need what still flows, and what flows needs no new calls.
  const settled = Promise.all([doors.main.drain(), running.drain(deadline.signal)]).then(() => true);
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
