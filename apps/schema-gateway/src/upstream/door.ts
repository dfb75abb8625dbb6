import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keyPaths } from '../access/key-rights.ts';
import { badRequest, upstreamAway } from '../problems.ts';
import type { UpstreamAnswer, UpstreamRequest } from './upstream-client.ts';

/** Answers a request in the place of upstream. */
export type Pass = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
/** Those that hooks know by name; everything else goes the same way. */
const patterns = [
  ...[
    '/',
    '/contexts',
    '/schemas',
    '/schemas/types',
    '/schemas/ids/:id',
    '/schemas/ids/:id/*',
    '/schemas/guids/:guid',
    '/schemas/guids/:guid/*',
  ],
  ...['/subjects', '/subjects/:subject', '/subjects/:subject/metadata', '/subjects/:subject/versions'],
  ...['/subjects/:subject/versions/:version', '/subjects/:subject/versions/:version/schema'],
  '/subjects/:subject/versions/:version/referencedby',
  ...['/compatibility/subjects/:subject/versions', '/compatibility/subjects/:subject/versions/:version'],
  ...['/config', '/config/:subject', '/mode', '/mode/:subject', '/v1/metadata/id', '/v1/metadata/version', '/*'],
  ...keyPaths,
];

/** Every path of the REST API, as upstream answers it, byte for byte. */
export function addUpstreamPaths(app: FastifyInstance, pass: Pass): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) => body);
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      return send(reply, await pass(readRequest(request)));
    } catch (thrown) {
      if (upstreamAway.caused(thrown)) reply.header('retry-after', '1');
      throw thrown;
    }
  };
  for (const url of patterns) app.route({ method: [...methods], url, handler });
}

function send(reply: FastifyReply, { status, headers, body }: UpstreamAnswer): FastifyReply {
  reply.code(status).headers(headers);
  return body.length === 0 && headers['content-type'] === undefined ? reply.send() : reply.send(body);
}

function readRequest({ method, url, headers, body }: FastifyRequest): UpstreamRequest {
  const passed = { url: passedUrl(url), headers: passedHeaders(headers) };
  return { method, ...passed, body: Buffer.isBuffer(body) && body.length > 0 ? body : null };
}

/**
 * What is asked here is what is asked there: segments that lead elsewhere are refused, and parameters of segments, which some servers
 * take out of the path, are a part of the name.
 */
function passedUrl(url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const parts = decoded(path).split(/[/\\]/);
  if (parts.some((part) => part === '.' || part === '..'))
    throw badRequest('The path leads elsewhere: expected no . or .. in it');
  return path.replaceAll(';', '%3B') + (end < 0 ? '' : url.slice(end));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw badRequest('The path is not percent-encoded UTF-8', { cause });
  }
}

/** Not the caller's login: that is for this gateway, which has its own upstream, and whose cache is for all. Not its encodings either. */
const named = /^(accept|content-type|user-agent|(x-)?confluent-.*|target-sr-cluster)$/;

function passedHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name, value]) => named.test(name) && value !== undefined);
  return Object.fromEntries(kept.map(([name, value]): [string, string] => [name, String(value)]).sort());
}
