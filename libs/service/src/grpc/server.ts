import { logVerbosity, Server, type ServerCredentials, type ServerOptions, setLogVerbosity } from '@grpc/grpc-js';
import { messageOf, Problem } from '@penstock/kernel';
import { cannotListen, portBusy } from '../problems.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Answer, answerer } from './answer.ts';
import { type CallLimits, Calls } from './calls.ts';
import type { GrpcHandlers, Handler } from './handlers.ts';
import { type GrpcDefinition, serviceNameOf } from './methods.ts';
import { createCallObserver } from './observe.ts';

/** Where a service adds what it answers. */
export interface GrpcServer {
  add<Definition extends GrpcDefinition>(definition: Definition, handlers: GrpcHandlers<Definition>): void;
}

export interface GrpcServerOptions extends CallLimits {
  readonly host: string;
  readonly port: number;
  /** The variable by which the port is chosen, for messages. */
  readonly portVariable: string;
  readonly credentials: ServerCredentials;
  readonly messageBytesMax: number;
  readonly telemetry: Telemetry;
  /** Told of everything thrown that is no problem. */
  readonly defect: (method: string, thrown: unknown) => void;
}

const closeMs = 1_000;

/** A gRPC server that is filled first and listens then. */
export class GrpcDoor implements GrpcServer, AsyncDisposable {
  readonly #options: GrpcServerOptions;
  readonly #server: Server;
  readonly #calls: Calls;
  readonly #answer: Answer;
  readonly #services = new Set<string>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    // The library writes prose on stderr about what is answered or thrown anyway.
    if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
    this.#server = new Server(channelOptions(options.messageBytesMax));
    this.#calls = new Calls(options);
    const observe = createCallObserver(options.telemetry);
    this.#answer = answerer({ calls: this.#calls, observe, defect: options.defect });
  }

  /** The full names of the services that were added. */
  get services(): readonly string[] {
    return [...this.#services].sort();
  }

  /** A `standing` service is answered until the door closes, also while it drains. */
  add<Definition extends GrpcDefinition>(definition: Definition, handlers: GrpcHandlers<Definition>, standing = false): void {
    const implementation = Object.entries(definition).map(([name, { path }]) => {
      this.#services.add(serviceNameOf(path));
      return [name, this.#answer(path, (handlers as Readonly<Record<string, Handler>>)[name] as Handler, standing)];
    });
    this.#server.addService(definition, Object.fromEntries(implementation));
  }

  /** Answers the address. */
  listen(): Promise<string> {
    const { host, port, credentials } = this.#options;
    const shownHost = host.includes(':') ? `[${host}]` : host;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${shownHost}:${port}`, credentials, (failure, bound) => {
        if (failure === null) resolve(`${shownHost}:${bound}`);
        else reject(this.#whyNot(failure, `${shownHost}:${port}`));
      });
    });
  }

  #whyNot(failure: Error, address: string): Problem {
    const { portVariable } = this.#options;
    return /EADDRINUSE/.test(failure.message)
      ? portBusy(`${address} is taken by another process: set ${portVariable} to another port, or to 0 for any that is free`)
      : cannotListen(`cannot listen on ${address}: ${messageOf(failure)}`, { cause: failure });
  }

  /** Refuses new calls, ends streams, and resolves when no call is under way; standing services go on. */
  drain(): Promise<void> {
    return this.#calls.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#calls.close();
    const timer = setTimeout(() => this.#server.forceShutdown(), closeMs);
    this.#server.tryShutdown(() => resolve());
    await promise;
    clearTimeout(timer);
  }
}

function channelOptions(messageBytesMax: number): ServerOptions {
  return {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 1_024,
    // A caller that is gone without a word is noticed, and its calls end.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.so_reuseport': 0,
  };
}
