import { type Registry, subjectNamed } from '@penstock/registry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Puts the subject that an alias stands for in its place, before anything else is asked of a request: rights are those of the subject
 * itself. Settings and modes are of the name that was given.
 */
export function followAliases(app: FastifyInstance, registry: Registry): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (url.includes('/subjects/:subject')) follow(request.params, registry);
    else if (url.startsWith('/schemas/ids/')) follow(request.query, registry);
    done();
  });
}

function follow(named: FastifyRequest['params'], registry: Registry): void {
  const at = named as { subject?: unknown };
  if (typeof at.subject === 'string') at.subject = subjectNamed(registry, at.subject);
}
