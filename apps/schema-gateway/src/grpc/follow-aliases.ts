import type { schema as api } from '@penstock/contracts';
import { type Registry, subjectNamed } from '@penstock/registry';
import { type GrpcCall, type GrpcHandlers, type GrpcServer, type Handler, unary } from '@penstock/service';

/** Settings and modes are of the name that was given, and lists name none. */
const following: readonly string[] = [
  ...(['register', 'check', 'lookup', 'getVersion', 'listVersions', 'listUses', 'deleteVersion', 'deleteSubject'] as const),
] satisfies (keyof api.SchemaServiceServer)[];

/** The same server; its handlers are given the subject that an alias stands for, so that rights, too, are those of the subject itself. */
export function followingAliases(server: GrpcServer, registry: Registry): GrpcServer {
  return {
    add(definition, handlers) {
      const named = Object.entries(handlers as Readonly<Record<string, Handler>>).map(([name, handler]) => {
        return [name, handler.form === 'unary' && following.includes(name) ? follow(registry, handler) : handler];
      });
      server.add(definition, Object.fromEntries(named) as GrpcHandlers<typeof definition>);
    },
  };
}

function follow(registry: Registry, handler: Extract<Handler, { form: 'unary' }>): Handler {
  return unary(async (request: unknown, call: GrpcCall) => {
    const { subject } = Object(request) as { subject?: unknown };
    const meant = typeof subject === 'string' && subject !== '' ? subjectNamed(registry, subject) : subject;
    return handler.run(meant === subject ? request : { ...Object(request), subject: meant }, call);
  });
}
