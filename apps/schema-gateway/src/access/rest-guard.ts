import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { Problem } from '@penstock/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actionAt } from '../audit/action-name.ts';
import type { Journal } from '../audit/journal.ts';
import type { Query } from '../rest/request.ts';
import { asCaller, type Caller } from './caller.ts';
import { type Identity, namesOf } from './identity.ts';
import { demand, type Need } from './need.ts';
import type { Access } from './open-access.ts';
import { throttled, unauthenticated } from './problems.ts';
import { type RestQuestion, type RestRight, undeclared } from './rest-question.ts';
import { restRights } from './rest-rights.ts';

export interface Guarding {
  /** Null: everybody may do everything; only who changed something is noted. */
  readonly access: Access | null;
  readonly journal: Journal;
  /** Another registry answers: it knows nothing of callers, so that lists are for those who may read everything. */
  readonly isFront: boolean;
}

type Done = (failure?: Error) => void;

interface Entering {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly done: Done;
}

/** Guards every path that is added afterwards, unless its config says `unguarded`. Without an access file reading costs nothing at all. */
export function guardRest(app: FastifyInstance, guarding: Guarding): void {
  app.addHook('onRoute', (route) => {
    if (Object(route.config).unguarded === true) return;
    const rights = new Map([route.method].flat().map((method) => [method, rightOf(method, route.url)]));
    const guard = new RestGuard(guarding, rights);
    const isChanging = [...rights.values()].some((right) => right.isChange === true);
    if (guarding.access === null && !isChanging) return;
    if ([...rights.values()].every((right) => right.need === null)) return;
    route.onRequest = [guard.enter, ...[route.onRequest ?? []].flat()];
    route.preHandler = [guard.within, ...[route.preHandler ?? []].flat()];
    if (isChanging && guarding.isFront) route.onSend = [guard.noted, ...[route.onSend ?? []].flat()];
  });
}

/** HEAD is GET without the body. */
export function rightOf(method: string, url: string): RestRight {
  return restRights[`${method === 'HEAD' ? 'GET' : method} ${url}`] ?? undeclared;
}

const callers = new WeakMap<FastifyRequest, Caller>();

class RestGuard {
  readonly #guarding: Guarding;
  readonly #rights: ReadonlyMap<string, RestRight>;

  constructor(guarding: Guarding, rights: ReadonlyMap<string, RestRight>) {
    this.#guarding = guarding;
    this.#rights = rights;
  }

  /** Before the body is read: nobody without a right makes us read one. */
  readonly enter = (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { access } = this.#guarding;
    if (this.#right(request).need === null) return done();
    if (access === null) return done(this.#take(request, reply, null));
    let identity: Identity | Promise<Identity>;
    try {
      const { socket } = request.raw;
      const shown = { authorization: request.headers.authorization, peer: peerOf(request) };
      identity = access.identify({ ...shown, certificate: () => certificateOf(socket) });
    } catch (thrown) {
      return done(this.#refuse(request, reply, thrown));
    }
    if (identity instanceof Promise) void this.#takeLater({ request, reply, done }, identity);
    else done(this.#take(request, reply, identity));
  };

  async #takeLater({ request, reply, done }: Entering, identity: Promise<Identity>): Promise<void> {
    let failure: Error | undefined;
    try {
      failure = this.#take(request, reply, await identity);
    } catch (thrown) {
      failure = this.#refuse(request, reply, thrown);
    }
    done(failure);
  }

  /** Why not; undefined: he may. */
  #take(request: FastifyRequest, reply: FastifyReply, identity: Identity | null): Error | undefined {
    const caller = callerOf(request, identity);
    callers.set(request, caller);
    if (identity === null) return undefined;
    const right = this.#right(request);
    try {
      this.#guarding.access?.count(identity, { peer: caller.peer, isChange: right.isChange === true });
      demand(identity.grants, this.#needOf(right, questionOf(request)));
      return undefined;
    } catch (thrown) {
      return this.#refuse(request, reply, thrown);
    }
  }

  /** With the body: what it names must be seen as well. From here on it is known who asks. */
  readonly within = (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const caller = callers.get(request);
    const right = this.#right(request);
    if (caller === undefined || (caller.grants?.readsAll === true && right.isChange !== true)) return done();
    let failure: Error | undefined;
    try {
      if (caller.grants !== null && request.body !== undefined) demand(caller.grants, this.#needOf(right, questionOf(request)));
    } catch (thrown) {
      failure = this.#refuse(request, reply, thrown);
    }
    asCaller(caller, () => done(failure));
  };

  /** What another registry did is in no transaction of ours: it is noted when that has answered, before our caller gets the answer. */
  readonly noted = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const caller = callers.get(request);
    const right = this.#right(request);
    if (caller === undefined || right.isChange !== true || reply.statusCode >= 300) return payload;
    const need = right.need?.(questionOf(request));
    if (need !== undefined && need.action !== 'read')
      await this.#guarding.journal.done({ caller, ...shownOf(request, need), reason: null });
    return payload;
  };

  #right({ method }: FastifyRequest): RestRight {
    return this.#rights.get(method) ?? undeclared;
  }

  #needOf({ need, filtered, unseen }: RestRight, question: RestQuestion): Need {
    const { isFront } = this.#guarding;
    if (isFront && filtered === true) return { action: 'read', on: 'everything' };
    if (isFront && unseen !== undefined) return unseen(question);
    return need === null ? { action: 'read', on: 'anything' } : need(question);
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, thrown: unknown): Error {
    if (!(thrown instanceof Problem)) return thrown as Error;
    if (unauthenticated.caused(thrown)) reply.header('www-authenticate', ['Basic realm="schema-registry"', 'Bearer']);
    if (throttled.caused(thrown)) reply.header('retry-after', String(Math.ceil(Number(thrown.facts['retryAfterMs']) / 1_000)));
    const caller = callers.get(request) ?? callerOf(request, null);
    const subject = (request.params as Record<string, string> | undefined)?.['subject'] ?? '';
    this.#guarding.journal.denied({
      caller,
      action: `${request.method} ${request.routeOptions.url ?? ''}`,
      subject,
      reason: thrown.message,
    });
    return thrown;
  }
}

function callerOf(request: FastifyRequest, identity: Identity | null): Caller {
  const principal = identity?.name ?? shownName(request.raw.socket);
  return { principal, peer: peerOf(request), door: 'rest', grants: identity?.grants ?? null, appliesDocument: false };
}

/** Where nobody is asked who he is, a certificate says it nevertheless. */
function shownName(socket: Socket): string {
  const certificate = certificateOf(socket);
  return (certificate === null ? undefined : namesOf(certificate)[0]) ?? 'anonymous';
}

function peerOf(request: FastifyRequest): string {
  return request.raw.socket.remoteAddress ?? 'unknown';
}

const certificates = new WeakMap<Socket, PeerCertificate>();

function certificateOf(socket: Socket): PeerCertificate | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  const certificate = socket.getPeerCertificate();
  if (certificate.raw === undefined) return null;
  certificates.set(socket, certificate);
  return certificate;
}

function questionOf({ params, query, body }: FastifyRequest): RestQuestion {
  return { params: params as Record<string, string>, query: query as Query, body: Buffer.isBuffer(body) ? parsedOf(body) : body };
}

/** In front of another registry the body is not read yet. */
function parsedOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function shownOf(request: FastifyRequest, need: Need): { action: string; subject: string } {
  const { on } = need;
  const subject = typeof on === 'object' && 'subject' in on ? on.subject : '';
  return { action: actionAt(`${request.method} ${request.routeOptions.url ?? ''}`, need), subject };
}
