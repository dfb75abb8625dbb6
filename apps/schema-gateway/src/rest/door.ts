import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { seesAll } from '../access/caller.ts';
import type { Gateway } from '../gateway.ts';
import { caughtUp, isPremature } from '../schemas/caught-up.ts';
import { bodyOf, bytesOf } from './body.ts';
import { Deadline } from './deadline.ts';
import { type Asked, askedOf, KeptAnswers } from './kept-answers.ts';
import type { Query } from './request.ts';
import { takesMore } from './takes-more.ts';

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

/** The answer to a change that was none: whoever asks for the same gets the same until something changes. */
export class Unchanged {
  readonly answer: unknown;

  constructor(answer: unknown) {
    this.answer = answer;
  }
}

/** What a change is answered with that has nothing to say. */
export const noContent = Symbol('no content');

/** Adds paths to the server; what a handler answers becomes the body. */
export class Door {
  readonly gateway: Gateway;
  readonly #app: FastifyInstance;
  readonly #changeMsMax: number;
  readonly #kept: KeptAnswers;

  constructor(app: FastifyInstance, gateway: Gateway, changeMsMax: number) {
    this.#app = app;
    this.gateway = gateway;
    this.#changeMsMax = changeMsMax;
    this.#kept = new KeptAnswers(() => gateway.log.changes + gateway.catalogue.catalogue.changes);
  }

  get(path: string, handle: Handle): void {
    this.#app.get(path, (request, reply) => this.#read(request, reply, handle));
  }

  /** A question with a body: its handler changes nothing. */
  ask(path: string, handle: Handle): void {
    this.#app.post(path, (request, reply) => this.#read(request, reply, handle));
  }

  post(path: string, handle: Handle): void {
    this.#app.post(path, (request, reply) => {
      const asked = keptAs(request);
      const known = this.#known(asked);
      return known === undefined ? this.#change({ request, reply, asked }, handle) : reply.send(known);
    });
  }

  put(path: string, handle: Handle): void {
    this.#app.put(path, (request, reply) => this.#change({ request, reply, asked: null }, handle));
  }

  delete(path: string, handle: Handle): void {
    this.#app.delete(path, (request, reply) => this.#change({ request, reply, asked: null }, handle));
  }

  /** What is there is answered at once, and as it was answered before where nothing has changed since. */
  #read(request: FastifyRequest, reply: FastifyReply, handle: Handle): FastifyReply | Promise<FastifyReply> {
    const asked = keptAs(request);
    const known = this.#known(asked);
    if (known !== undefined) return reply.send(known);
    const call = new Asking(request, { signal: alreadyOver });
    try {
      return this.#answer(reply, asked, handle(call));
    } catch (thrown) {
      if (!isPremature(thrown)) throw thrown;
      return this.gateway.log.catchUp().then(() => this.#answer(reply, asked, handle(call)));
    }
  }

  async #change({ request, reply, asked }: Changing, handle: Handle): Promise<FastifyReply> {
    using deadline = new Deadline(this.#changeMsMax);
    const before = this.#kept.changes;
    const answer = await caughtUp(this.gateway.log, () => handle(new Asking(request, deadline)));
    if (answer === noContent) return reply.code(204).send();
    if (!(answer instanceof Unchanged)) return reply.send(bytesFor(answer));
    return this.#answer(reply, this.#kept.changes === before ? asked : null, answer.answer);
  }

  #known(asked: Asked | null): Buffer | undefined {
    return asked === null ? undefined : this.#kept.get(asked);
  }

  #answer(reply: FastifyReply, asked: Asked | null, answer: unknown): FastifyReply {
    const bytes = bytesFor(answer);
    if (asked !== null) this.#kept.offer(asked, bytes);
    return reply.send(bytes);
  }
}

interface Changing {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** As what an answer that changed nothing is kept; null: it is not. */
  readonly asked: Asked | null;
}

/** Reading changes nothing. */
const alreadyOver = AbortSignal.abort();

/** A class, because V8 keeps the getters of an object literal, with all that they see, until it collects everything. */
class Asking implements Call {
  readonly params: Call['params'];
  readonly query: Query;
  readonly takesUnknown: boolean;
  readonly #request: FastifyRequest;
  readonly #within: Pick<Deadline, 'signal'>;

  constructor(request: FastifyRequest, within: Pick<Deadline, 'signal'>) {
    this.params = request.params as Call['params'];
    this.query = request.query as Query;
    this.takesUnknown = takesMore(request.headers);
    this.#request = request;
    this.#within = within;
  }

  get body(): unknown {
    return bodyOf(this.#request);
  }

  get signal(): AbortSignal {
    return this.#within.signal;
  }
}

/** Null where what is answered depends on what the caller may see. */
function keptAs(request: FastifyRequest): Asked | null {
  if (!seesAll()) return null;
  return askedOf(`${request.method} ${takesMore(request.headers) ? 'all' : 'known'} ${request.url}`, bytesOf(request));
}

function bytesFor(answer: unknown): Buffer {
  return Buffer.from(answer instanceof RawText ? answer.text : JSON.stringify(answer));
}
