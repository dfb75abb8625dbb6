import { plainName, type Registry, subjectNamed } from '@penstock/registry';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import { dekSubjectNamed } from '../keys/dek-alias.ts';

/**
 * Puts the subject that a name stands for in its place, on every path that is added afterwards and names one, before anything else is
 * asked of a request: rights are those of the subject itself. Settings and modes are of the name that was given, in its plain form.
 */
export function followAliases(app: FastifyInstance, registry: Registry): void {
  const schemas = (name: string): string => subjectNamed(registry, plainName(name));
  const inPath = following(schemas, ({ params }) => params);
  const inQuery = following(schemas, ({ query }) => query);
  const ofSettings = following(plainName, ({ params }) => params);
  const ofKeys = following(
    (name) => dekSubjectNamed(registry, plainName(name)),
    ({ params }) => params,
  );
  const hookOf = (url: string): onRequestHookHandler | null => {
    if (url.includes('/subjects/:subject')) return inPath;
    if (/^\/(config|mode)\/:subject$/.test(url)) return ofSettings;
    if (url.includes('/deks/:subject')) return ofKeys;
    return url.startsWith('/schemas/ids/') ? inQuery : null;
  };
  app.addHook('onRoute', (route) => {
    const follow = hookOf(route.url);
    const others = [route.onRequest ?? []].flat();
    // A path for HEAD is made of one for GET that has it already.
    if (follow !== null && !others.includes(follow)) route.onRequest = [follow, ...others];
  });
}

function following(subjectOf: (name: string) => string, namedIn: (request: FastifyRequest) => unknown): onRequestHookHandler {
  return (request, _reply, done) => {
    const at = namedIn(request) as { subject?: unknown };
    if (typeof at.subject === 'string') at.subject = subjectOf(at.subject);
    done();
  };
}
