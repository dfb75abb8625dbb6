import { Problem } from '@penstock/kernel';
import { type GrpcCall, type GrpcHandlers, type GrpcServer, type Handler, serverStream, unary } from '@penstock/service';
import { actionAt } from '../audit/action-name.ts';
import { asCaller, type Caller } from './caller.ts';
import { type GrpcRight, grpcRights, undeclaredMethod } from './grpc-rights.ts';
import { namesOf } from './identity.ts';
import { demand } from './need.ts';
import type { Guarding } from './rest-guard.ts';

type Definition = Parameters<GrpcServer['add']>[0];

/** The same server; handlers that are added to it answer only whom they may, and know who asks. */
export function guardGrpc(server: GrpcServer, guarding: Guarding): GrpcServer {
  return {
    add(definition, handlers) {
      const guarded = Object.entries(handlers as Readonly<Record<string, Handler>>).map(([name, handler]) => {
        const { path } = (definition as Definition)[name] as { path: string };
        return [name, guardHandler(path, handler, guarding)];
      });
      server.add(definition, Object.fromEntries(guarded) as GrpcHandlers<typeof definition>);
    },
  };
}

function guardHandler(path: string, handler: Handler, guarding: Guarding): Handler {
  const right = grpcRights[path] ?? undeclaredMethod;
  const admit = (request: unknown, call: GrpcCall): Promise<Caller> => admitted({ path, right, guarding }, request, call);
  if (handler.form === 'unary') {
    return unary(async (request: unknown, call: GrpcCall) => {
      const caller = await admit(request, call);
      const answer = await asCaller(caller, () => handler.run(request, call));
      await noteElsewhere({ path, right, guarding }, request, caller);
      return answer;
    });
  }
  if (handler.form === 'serverStream') {
    return serverStream(async function* (request: unknown, call: GrpcCall) {
      const caller = await admit(request, call);
      yield* asEach(caller, () => handler.run(request, call));
    });
  }
  throw new TypeError(`${path}: calls with many requests are not guarded yet`);
}

interface Method {
  readonly path: string;
  readonly right: GrpcRight;
  readonly guarding: Guarding;
}

async function admitted({ path, right, guarding }: Method, request: unknown, call: GrpcCall): Promise<Caller> {
  const { access, journal } = guarding;
  const appliesDocument = right.appliesDocument === true;
  const certificate = call.peerCertificate;
  const shown = (certificate === null ? undefined : namesOf(certificate)[0]) ?? 'anonymous';
  const peer = call.peer.replace(/:\d+$/, '');
  let caller: Caller = { principal: shown, peer, door: 'grpc', grants: null, appliesDocument };
  if (access === null) return caller;
  try {
    const [authorization] = call.metadata.get('authorization').map(String);
    const identity = await access.identify({ authorization, certificate: () => certificate, peer });
    caller = { ...caller, principal: identity.name, grants: identity.grants };
    access.count(identity, { peer, isChange: right.isChange === true });
    demand(identity.grants, right.need(request as never));
    return caller;
  } catch (thrown) {
    if (thrown instanceof Problem) {
      journal.denied({ caller, action: path.slice(1), subject: subjectOf(request), reason: thrown.message });
    }
    throw thrown;
  }
}

/** What another registry did is in no transaction of ours. What a document changes is: its pipeline lies here. */
async function noteElsewhere({ path, right, guarding }: Method, request: unknown, caller: Caller): Promise<void> {
  if (!guarding.isFront || right.isChange !== true || path.startsWith('/penstock.pipelines.')) return;
  const need = right.need(request as never);
  if (need.action === 'read') return;
  const { overrideReason = '' } = Object(request) as { overrideReason?: string };
  const reason = overrideReason === '' ? null : overrideReason;
  await guarding.journal.done({ caller, action: actionAt(path.slice(1), need), subject: subjectOf(request), reason });
}

function subjectOf(request: unknown): string {
  const { subject } = Object(request) as { subject?: unknown };
  return typeof subject === 'string' ? subject : '';
}

/** A generator runs in the context of whoever asks for the next item: each step is given its caller. */
async function* asEach(caller: Caller, start: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const iterator = asCaller(caller, start)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await asCaller(caller, () => iterator.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
