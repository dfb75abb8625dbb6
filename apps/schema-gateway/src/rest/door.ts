import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gateway } from '../gateway.ts';
import { storeTimeout } from '../problems.ts';
import { caughtUp, isPremature } from '../schemas/caught-up.ts';
import type { Query } from './request.ts';

/** What a path's handler is given. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  /** The caller takes fields that it may not know: all but old Java clients do. */
  readonly takesUnknown: boolean;
  /** Aborts when the time for a change has passed. */
  readonly signal: AbortSignal;
}

/** Answers a value, which is sent as JSON, or the text of a schema as it is. */
export type Handle = (call: Call) => unknown;

export class RawText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Adds paths to the server; what a handler answers becomes the body. */
export class Door {
  readonly gateway: Gateway;
  readonly #app: FastifyInstance;
  readonly #changeMsMax: number;

  constructor(app: FastifyInstance, gateway: Gateway, changeMsMax: number) {
    this.#app = app;
    this.gateway = gateway;
    this.#changeMsMax = changeMsMax;
  }

  get(path: string, handle: Handle): void {
    this.#app.get(path, (request, reply) => this.#read(request, reply, handle));
  }

  post(path: string, handle: Handle): void {
    this.#app.post(path, (request, reply) => this.#change(request, reply, handle));
  }

  put(path: string, handle: Handle): void {
    this.#app.put(path, (request, reply) => this.#change(request, reply, handle));
  }

  delete(path: string, handle: Handle): void {
    this.#app.delete(path, (request, reply) => this.#change(request, reply, handle));
  }

  /** What is there is answered at once. */
  #read(request: FastifyRequest, reply: FastifyReply, handle: Handle): FastifyReply | Promise<FastifyReply> {
    const call = callOf(request, alreadyOver);
    try {
      return send(reply, handle(call));
    } catch (thrown) {
      if (!isPremature(thrown)) throw thrown;
      return this.gateway.log.catchUp().then(() => send(reply, handle(call)));
    }
  }

  async #change(request: FastifyRequest, reply: FastifyReply, handle: Handle): Promise<FastifyReply> {
    const deadline = new AbortController();
    const late = (): void => deadline.abort(storeTimeout('Register operation timed out'));
    const timer = setTimeout(late, this.#changeMsMax);
    try {
      return send(reply, await caughtUp(this.gateway.log, () => handle(callOf(request, deadline.signal))));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Reading changes nothing. */
const alreadyOver = AbortSignal.abort();

function callOf({ params, query, body, headers }: FastifyRequest, signal: AbortSignal): Call {
  const takesUnknown = headers['confluent-accept-unknown-properties'] === 'true' || !isStrict(headers['user-agent']);
  return { params: params as Record<string, string>, query: query as Query, body, takesUnknown, signal };
}

/**
 * Confluent's server sends every field to everybody on premises, and so breaks Java clients of its own first years, which refuse what they
 * do not know. Those go by the name that Java itself gives to requests; later ones say that they take more.
 */
function isStrict(agent: string | undefined): boolean {
  return agent?.startsWith('Java/') === true;
}

function send(reply: FastifyReply, answer: unknown): FastifyReply {
  return reply.send(Buffer.from(answer instanceof RawText ? answer.text : JSON.stringify(answer)));
}
