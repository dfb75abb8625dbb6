import type { AddressInfo } from 'node:net';
import { messageOf } from '@penstock/kernel';
import type { Tls } from '@penstock/service';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Guarding, guardRest } from '../access/rest-guard.ts';
import type { Gateway } from '../gateway.ts';
import { addDekPaths } from '../keys/dek-paths.ts';
import { addKekPaths } from '../keys/kek-paths.ts';
import { KeysDoor } from '../keys/keys-door.ts';
import { cannotListen } from '../problems.ts';
import { addAboutPaths } from './about.ts';
import { followAliases } from './aliases.ts';
import { takeBody } from './body.ts';
import { addCompatibilityPaths } from './compatibility.ts';
import { withoutContextPath } from './context-path.ts';
import { Door } from './door.ts';
import { httpError, type RestError, restErrorOf } from './errors.ts';
import { answerType } from './media.ts';
import { addSchemaPaths } from './schemas.ts';
import { addSettingPaths } from './settings.ts';
import { addSubjectPaths } from './subjects.ts';
import { addTagPaths } from './tags.ts';
import { endUnused } from './unused-connections.ts';

export interface RestOptions {
  readonly host: string;
  readonly port: number;
  readonly changeMsMax: number;
  readonly tls: Tls | null;
  /** Callers must show a certificate. */
  readonly clientAuth: 'none' | 'request' | 'require';
  /** What another registry answers, in the place of our own paths; null: this one holds the schemas. */
  readonly addPaths: ((app: FastifyInstance) => void) | null;
  /** Who may do what. */
  readonly guarding: Guarding;
}

export interface RestServer extends AsyncDisposable {
  /** `http://host:port`. */
  readonly url: string;
}

const bodyBytesMax = 8_388_608;
const pathLengthMax = 4_096;
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;

/** Opens the REST API of Confluent's registry. Throws `gateway.cannot-listen`. */
export async function openRestServer(gateway: Gateway, options: RestOptions): Promise<RestServer> {
  const app = createApp(gateway, options);
  const { host, port, tls } = options;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw cannotListen(`cannot listen on ${host}:${port}: ${messageOf(cause)}; set PENSTOCK_REST_PORT to another port, or to 0`, {
      cause,
    });
  }
  const { port: listening } = app.server.address() as AddressInfo;
  const scheme = (tls?.identity ?? null) === null ? 'http' : 'https';
  return { url: `${scheme}://${host}:${listening}`, [Symbol.asyncDispose]: () => app.close() };
}

function createApp(gateway: Gateway, { changeMsMax, tls, clientAuth, addPaths, guarding }: RestOptions): FastifyInstance {
  const app = fastify({
    https: httpsOf(tls, clientAuth),
    bodyLimit: bodyBytesMax,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    ...(addPaths === null ? { rewriteUrl: ({ url }: { url?: string }): string => withoutContextPath(url ?? '/') } : {}),
    frameworkErrors: (thrown: Error, _: FastifyRequest, reply: FastifyReply) =>
      fail(reply, restErrorOf(thrown) ?? httpError(400)),
    routerOptions: { maxParamLength: pathLengthMax, ignoreTrailingSlash: true },
  } as object);
  app.setErrorHandler((thrown, request, reply) => {
    const known = restErrorOf(thrown);
    if (known === null)
      gateway.tell('rest.defect', { path: request.url, message: messageOf(thrown), stack: (thrown as Error).stack ?? '' });
    return fail(reply, known ?? { status: 500, errorCode: 50_001, message: 'Internal Server Error' });
  });
  app.setNotFoundHandler((_, reply) => fail(reply, httpError(404)));
  endUnused(app);
  guardRest(app, guarding);
  if (addPaths === null) addOwnPaths(app, gateway, changeMsMax);
  else addPaths(app);
  return app;
}

/** All that is answered here. */
export function addOwnPaths(app: FastifyInstance, gateway: Gateway, changeMsMax: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request: FastifyRequest, bytes: Buffer, done) => {
    done(null, takeBody(request, bytes));
  });
  app.addHook('onRequest', negotiate);
  followAliases(app, gateway.log.state.registry);
  const paths = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? new Set<string>();
    for (const each of [method].flat()) known.add(each);
    paths.set(url, known);
  });
  const door = new Door(app, gateway, changeMsMax);
  for (const add of [addSubjectPaths, addTagPaths, addSchemaPaths, addCompatibilityPaths, addSettingPaths, addAboutPaths])
    add(door);
  const keys = new KeysDoor(app, gateway, changeMsMax);
  for (const add of [addKekPaths, addDekPaths]) add(keys);
  refuseOtherMethods(app, paths);
}

/** A certificate that is asked for and not trusted is none: whoever looks at it asks whether its socket is authorised. */
function httpsOf(tls: Tls | null, clientAuth: RestOptions['clientAuth']): object | null {
  if (tls === null || tls.identity === null) return null;
  const { cert, key } = tls.identity;
  const asked = { requestCert: clientAuth !== 'none', rejectUnauthorized: clientAuth === 'require' };
  return { cert, key, ...(tls.ca === null ? {} : { ca: tls.ca }), ...asked };
}

function negotiate({ headers }: FastifyRequest, reply: FastifyReply, done: (failure?: Error) => void): void {
  const type = answerType(headers.accept);
  reply.header('content-type', type ?? answerType(undefined));
  done(type === null ? Object.assign(new Error('accept'), { statusCode: 406 }) : undefined);
}

/** Whatever was to be sent, this is JSON. */
function fail(reply: FastifyReply, { status, errorCode, message }: RestError): FastifyReply {
  const type = answerType(reply.request.headers.accept) ?? answerType(undefined);
  return reply
    .header('content-type', type)
    .code(status)
    .send(Buffer.from(JSON.stringify({ error_code: errorCode, message })));
}

/** A path that is known answers other methods with 405. */
function refuseOtherMethods(app: FastifyInstance, paths: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, known] of [...paths]) {
    const others = methods.filter((method) => !known.has(method));
    app.route({ method: others, url, config: { unguarded: true }, handler: async (_, reply) => fail(reply, httpError(405)) });
  }
}
