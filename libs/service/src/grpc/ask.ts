import type { Readable, Writable } from 'node:stream';
import { type Client, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { injectTrace } from './observe.ts';
import { problemOf } from './status.ts';
import { writeAll } from './streams.ts';

export interface AskOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Asking {
  readonly client: Client;
  readonly method: MethodDefinition<unknown, unknown>;
  /** For one answer, where the caller names no other. */
  readonly deadlineMs: number;
  readonly authorization?: (() => string | null) | undefined;
}

/** A call under way, as far as all four forms have it in common. */
interface Cancellable {
  cancel(): void;
}

/** The function that calls one method, by its form. */
export function askOf(asking: Asking): unknown {
  const { requestStream, responseStream } = asking.method;
  if (requestStream) return responseStream ? converse.bind(null, asking) : tellAll.bind(null, asking);
  return responseStream ? listen.bind(null, asking) : askOnce.bind(null, asking);
}

function askOnce(
  { client, method, deadlineMs, authorization }: Asking,
  request: unknown,
  options: AskOptions = {},
): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = method;
  return oneAnswer(options, (done) =>
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadataOf(options, authorization),
      { deadline: Date.now() + (options.deadlineMs ?? deadlineMs) },
      done,
    ),
  );
}

function tellAll(
  { client, method, authorization }: Asking,
  requests: AsyncIterable<unknown>,
  options: AskOptions = {},
): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = method;
  return oneAnswer(options, (done) => {
    const stream = client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(options, authorization),
      deadlineOf(options),
      done,
    );
    void send(stream, requests);
    return stream;
  });
}

async function* listen(
  { client, method, authorization }: Asking,
  request: unknown,
  options: AskOptions = {},
): AsyncGenerator<unknown> {
  const { path, requestSerialize, responseDeserialize } = method;
  const stream = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadataOf(options, authorization),
    deadlineOf(options),
  );
  yield* received(stream, options);
}

async function* converse(
  { client, method, authorization }: Asking,
  requests: AsyncIterable<unknown>,
  options: AskOptions = {},
): AsyncGenerator<unknown> {
  const { path, requestSerialize, responseDeserialize } = method;
  const stream = client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    metadataOf(options, authorization),
    deadlineOf(options),
  );
  void send(stream, requests);
  yield* received(stream, options);
}

type Done = (failure: ServiceError | null, response?: unknown) => void;

function oneAnswer({ signal }: AskOptions, start: (done: Done) => Cancellable): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const call = start((failure, response) => {
    signal?.removeEventListener('abort', cancel);
    if (failure === null) resolve(response);
    else reject(signal?.aborted === true ? signal.reason : problemOf(failure));
  });
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}

/** What arrives, until the other end ends the stream or the consumer leaves the loop, which cancels the call. */
async function* received(stream: Readable & Cancellable, { signal }: AskOptions): AsyncGenerator<unknown> {
  const cancel = (): void => stream.cancel();
  stream.on('error', () => undefined); // the loop below throws it; a late one, after the loop was left, is nobody's
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    for await (const item of stream) yield item;
  } catch (thrown) {
    throw signal?.aborted === true ? signal.reason : problemOf(thrown as ServiceError);
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Sends until the requests end or the call does. Requests that fail cancel the call. */
async function send(stream: Writable & Cancellable, requests: AsyncIterable<unknown>): Promise<void> {
  const ended = new AbortController();
  stream.once('status', () => ended.abort());
  try {
    await writeAll(stream, requests, ended.signal);
    stream.end();
  } catch {
    stream.cancel();
  }
}

function deadlineOf({ deadlineMs }: AskOptions): { deadline?: number } {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

function metadataOf(options: AskOptions, authorization: Asking['authorization']): Metadata {
  const metadata = new Metadata();
  const login = authorization?.() ?? null;
  if (login !== null) metadata.set('authorization', login);
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  injectTrace(metadata);
  return metadata;
}
