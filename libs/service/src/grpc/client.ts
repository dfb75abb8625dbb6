import { type ChannelOptions, Client } from '@grpc/grpc-js';
import { clientCredentials, type Tls } from '../tls.ts';
import { type AskOptions, askOf } from './ask.ts';
import type { ByForm, GrpcDefinition, RequestOf, ResponseOf } from './methods.ts';

export interface GrpcClientOptions {
  /** How long one answer may take; streams take as long as they like. */
  readonly deadlineMs?: number;
  /** Attempts after the first, when the service cannot be reached or is ending. At most 4. */
  readonly retries?: number;
  /** Absent or null: plain text. */
  readonly tls?: Tls | null;
  readonly messageBytesMax?: number;
  /** What logs in, asked for each call; null: nothing. */
  readonly authorization?: () => string | null;
}

/** One method as it is called. Whatever goes wrong is thrown as a problem, with the code that the other service gave it. */
export type Ask<Method> = ByForm<
  Method,
  {
    unary: (request: RequestOf<Method>, options?: AskOptions) => Promise<ResponseOf<Method>>;
    serverStream: (request: RequestOf<Method>, options?: AskOptions) => AsyncIterable<ResponseOf<Method>>;
    clientStream: (requests: AsyncIterable<RequestOf<Method>>, options?: AskOptions) => Promise<ResponseOf<Method>>;
    bidiStream: (requests: AsyncIterable<RequestOf<Method>>, options?: AskOptions) => AsyncIterable<ResponseOf<Method>>;
  }
>;

export type GrpcClient<Definition extends GrpcDefinition> = {
  readonly [Name in keyof Definition]: Ask<Definition[Name]>;
} & Disposable;

const deadlineMsDefault = 10_000;
const retriesDefault = 3;

/** A client of one service at one address; `ClientClass` is the generated one. Close it when it is not needed any more. */
export function createGrpcClient<Definition extends GrpcDefinition>(
  ClientClass: { readonly service: Definition },
  address: string,
  options: GrpcClientOptions = {},
): GrpcClient<Definition> {
  const client = new Client(address, clientCredentials(options.tls ?? null), channelOptions(options));
  const deadlineMs = options.deadlineMs ?? deadlineMsDefault;
  const asks = Object.entries(ClientClass.service).map(([name, method]) => [
    name,
    askOf({ client, method, deadlineMs, authorization: options.authorization }),
  ]);
  return { ...Object.fromEntries(asks), [Symbol.dispose]: () => client.close() } as GrpcClient<Definition>;
}

function channelOptions({ retries = retriesDefault, messageBytesMax = 16_777_216 }: GrpcClientOptions): ChannelOptions {
  const retryPolicy = {
    maxAttempts: retries + 1,
    initialBackoff: '0.1s',
    maxBackoff: '2s',
    backoffMultiplier: 2,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  return {
    'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], ...(retries > 0 ? { retryPolicy } : {}) }] }),
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.max_receive_message_length': messageBytesMax,
  };
}
