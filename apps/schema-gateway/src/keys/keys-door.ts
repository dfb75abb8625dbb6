import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gateway } from '../gateway.ts';
import { bodyOf } from '../rest/body.ts';
import { Deadline } from '../rest/deadline.ts';
import type { Query } from '../rest/request.ts';
import { caughtUp } from '../schemas/caught-up.ts';

/** What a path's handler is given. */
export interface KeyCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  /** Aborts when the time for an answer has passed. */
  readonly signal: AbortSignal;
}

/** Answers JSON as text, for the order of its fields is a part of it; null: there is nothing to say. */
export type HandleKey = (call: KeyCall) => string | null | Promise<string | null>;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Adds the paths of keys to the server. Reading them may take a question to a KMS. */
export class KeysDoor {
  readonly gateway: Gateway;
  readonly #app: FastifyInstance;
  readonly #answerMsMax: number;

  constructor(app: FastifyInstance, gateway: Gateway, answerMsMax: number) {
    this.#app = app;
    this.gateway = gateway;
    this.#answerMsMax = answerMsMax;
  }

  /** `GET /:name`, below all keys. */
  on(line: `${Method} /${string}` | Method, handle: HandleKey): void {
    const [method, path = ''] = line.split(' ');
    const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => this.#answer(request, reply, handle);
    this.#app.route({ method: method as Method, url: `/dek-registry/v1/keks${path}`, handler });
  }

  async #answer(request: FastifyRequest, reply: FastifyReply, handle: HandleKey): Promise<FastifyReply> {
    using deadline = new Deadline(this.#answerMsMax);
    const { params, query } = request;
    const named = { params: params as Record<string, string>, query: query as Query };
    const call = { ...named, body: bodyOf(request), signal: deadline.signal };
    const text = await caughtUp(this.gateway.log, () => handle(call));
    return text === null ? reply.code(204).send() : reply.send(Buffer.from(text));
  }
}
