import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { messageOf } from '@penstock/kernel';
import { upstreamAway, upstreamSilent } from '../problems.ts';
import type { UpstreamOptions } from './settings.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** The path with its query, as the caller wrote it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface UpstreamAnswer {
  readonly status: number;
  /** Those that are for the caller. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export interface UpstreamClient extends Disposable {
  /**
   * Throws `gateway.upstream-away` when nothing reached it, `gateway.upstream-silent` when it may have been reached: whether something
   * happened is then not known.
   */
  send(request: UpstreamRequest, timeoutMs: number): Promise<UpstreamAnswer>;
  /** The same over a connection of its own: it does not stand in line behind slow answers. */
  probe(request: UpstreamRequest, timeoutMs: number): Promise<UpstreamAnswer>;
}

const socketsMax = 64;
const answerBytesMax = 67_108_864;
/** Headers of one connection, and those that are made anew. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['content-length', 'date', 'set-cookie', 'www-authenticate', 'server'],
]);

/** Asks a registry over HTTP, with connections that stay. What it answers is no problem, whatever its status. */
export function openUpstreamClient(options: UpstreamOptions): UpstreamClient {
  return new HttpClient(options);
}

interface Way {
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

class HttpClient implements UpstreamClient {
  readonly #options: UpstreamOptions;
  readonly #agent: Agent;
  readonly #probing: Agent;
  readonly #base: RequestOptions & { readonly path: string };
  #authorization: string | null;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#agent = openAgent(options, socketsMax);
    this.#probing = openAgent(options, 1);
    const { protocol, hostname, port, pathname } = new URL(options.url);
    this.#base = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, path: pathname.replace(/\/$/, '') };
    this.#authorization = options.authorization();
  }

  send(request: UpstreamRequest, timeoutMs: number): Promise<UpstreamAnswer> {
    return this.#send(request, { agent: this.#agent, signal: AbortSignal.timeout(timeoutMs) });
  }

  probe(request: UpstreamRequest, timeoutMs: number): Promise<UpstreamAnswer> {
    return this.#send(request, { agent: this.#probing, signal: AbortSignal.timeout(timeoutMs) });
  }

  async #send(request: UpstreamRequest, way: Way): Promise<UpstreamAnswer> {
    const answer = await this.#exchange(request, way);
    if (answer.status !== 401) return answer;
    // What was written to the file since then may be taken.
    const renewed = this.#options.authorization();
    if (renewed === this.#authorization) return answer;
    this.#authorization = renewed;
    return this.#exchange(request, way);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#probing.destroy();
  }

  #exchange(request: UpstreamRequest, way: Way): Promise<UpstreamAnswer> {
    const answered = Promise.withResolvers<UpstreamAnswer>();
    const { signal } = way;
    const sending = this.#open(request, way);
    let isSent = false;
    sending.once('socket', (socket) => {
      if (!socket.connecting) isSent = true;
      else socket.once(sending.protocol === 'https:' ? 'secureConnect' : 'connect', () => void (isSent = true));
    });
    const lost = (cause: unknown): void => {
      // A connection that stayed may be closed at the other end just when it is used again.
      if (sending.reusedSocket && isReset(cause) && isRepeatable(request) && !signal.aborted) {
        answered.resolve(this.#exchange(request, way));
        return;
      }
      const why = signal.aborted ? 'no answer in time' : messageOf(cause);
      const said = `upstream › ${request.method} ${request.url.slice(0, 200)}: ${why}`;
      answered.reject((isSent ? upstreamSilent : upstreamAway)(said, { cause, facts: { timedOut: signal.aborted } }));
    };
    sending.once('error', lost);
    sending.once('response', (response) => void readAnswer(response).then(answered.resolve, lost));
    sending.end(request.body ?? undefined);
    return answered.promise;
  }

  #open({ method, url, headers, body }: UpstreamRequest, way: Way): ClientRequest {
    const login = this.#authorization === null ? {} : { authorization: this.#authorization };
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const start = this.#options.url.startsWith('https:') ? httpsRequest : httpRequest;
    // The path goes as it came: parsed as a URL it might become that of another subject.
    const path = this.#base.path + url;
    return start({ ...this.#base, ...way, path, method, headers: { ...headers, ...login, ...length } });
  }
}

function openAgent({ url, tls }: UpstreamOptions, maxSockets: number): Agent {
  const kept = { keepAlive: true, maxSockets, scheduling: 'lifo' } as const;
  return url.startsWith('https:') ? new TlsAgent({ ...kept, ...tls }) : new Agent(kept);
}

async function readAnswer(response: IncomingMessage): Promise<UpstreamAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new RangeError(`expected an answer of at most ${answerBytesMax} bytes, got more`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 502, headers: headersOf(response.headers), body: Buffer.concat(chunks) };
}

function headersOf(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !ownHeaders.has(name));
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

function isReset(cause: unknown): boolean {
  const { code } = Object(cause) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Twice is the same as once. A second deletion is another one: for good. */
function isRepeatable({ method }: UpstreamRequest): boolean {
  return method !== 'DELETE' && method !== 'PATCH';
}
