import { type Registry, subjectNamed } from '@penstock/registry';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';

/**
 * Puts the subject that an alias stands for in its place, on every path that is added afterwards and names one, before anything else is
 * asked of a request: rights are those of the subject itself. Settings and modes are of the name that was given.
 */
export function followAliases(app: FastifyInstance, registry: Registry): void {
  const inPath = following(registry, ({ params }) => params);
  const inQuery = following(registry, ({ query }) => query);
  app.addHook('onRoute', (route) => {
    const follow = route.url.includes('/subjects/:subject') ? inPath : route.url.startsWith('/schemas/ids/') ? inQuery : null;
    const others = [route.onRequest ?? []].flat();
    // A path for HEAD is made of one for GET that has it already.
    if (follow !== null && !others.includes(follow)) route.onRequest = [follow, ...others];
  });
}

function following(registry: Registry, namedIn: (request: FastifyRequest) => unknown): onRequestHookHandler {
  return (request, _reply, done) => {
    const at = namedIn(request) as { subject?: unknown };
    if (typeof at.subject === 'string') at.subject = subjectNamed(registry, at.subject);
    done();
  };
}
