import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { upstreamAway } from '../problems.ts';
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
] as const;

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
  return { method, url, headers: passedHeaders(headers), body: Buffer.isBuffer(body) && body.length > 0 ? body : null };
}

/** Not the caller's login: that is for this gateway, which has its own upstream, and whose cache is for all. Not its encodings either. */
const passed = /^(accept|content-type|user-agent|x-.*|confluent-.*|target-sr-cluster)$/;

function passedHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => passed.test(name) && !name.startsWith('x-forwarded-') && value !== undefined,
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]).sort());
}
