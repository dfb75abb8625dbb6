import type { Clock, Facts, Random } from '@penstock/kernel';
import type { z } from 'zod';
import type { GrpcServer } from './grpc/server.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Tls } from './tls.ts';

/** A service as its app declares it: a name, what it must be told, and how it opens. */
export interface ServiceDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** Each field is read from `PENSTOCK_` and its name in capitals, as text; fields of the kit's own come on top. */
  readonly config: Schema;
  /** Opens everything and adds handlers to `context.server`, which listens afterwards. */
  open(context: ServiceContext<z.output<Schema>>): Promise<RunningService>;
}

/** Closing it is the last step, after a drain or without one. */
export interface RunningService extends AsyncDisposable {
  /** Stops intake and resolves when everything taken in is settled; the signal aborts at the deadline. */
  drain(signal: AbortSignal): Promise<void>;
}

export interface ServiceContext<Config> {
  readonly name: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly server: GrpcServer;
  readonly health: Health;
  /** The certificates of this service, for calls to others; null: plain text. */
  readonly tls: Tls | null;
  /** Aborts when the service is asked to end, so that opening does not outlast that. */
  readonly ending: AbortSignal;
  readonly log: Log;
  /** Adds to what the ready line says. */
  announce(facts: Facts): void;
  /** A defect: the service drains and ends with code 1. */
  fail(thrown: unknown): void;
}

export function defineService<Schema extends z.ZodObject>(definition: ServiceDefinition<Schema>): ServiceDefinition<Schema> {
  return definition;
}
