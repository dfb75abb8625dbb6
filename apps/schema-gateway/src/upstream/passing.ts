import type { Facts } from '@penstock/kernel';
import { configOf } from '@penstock/registry';
import { badRequest } from '../problems.ts';
import { readSchema } from '../rest/request.ts';
import { setConfig } from '../schemas/change.ts';
import { describeBreak } from '../schemas/describe.ts';
import type { Pass } from './door.ts';
import type { Follower } from './follower.ts';
import { breaksOf, isGuarded, refuseBreaking, refuseDeletion } from './guard.ts';
import { type Question, readQuestion } from './question.ts';
import type { UpstreamAnswer, UpstreamRequest } from './upstream-client.ts';
import { type FrontGateway, isUsed } from './upstream-state.ts';

export interface Passing extends FrontGateway {
  readonly follower: Pick<Follower, 'ring'>;
  readonly changeMsMax: number;
}

type Handle = (passing: Passing, request: UpstreamRequest, question: Question) => Promise<UpstreamAnswer>;

/** Passes requests on, after a look at what they would do to deployed pipelines; and tells each change that was made. */
export function createPass(passing: Passing): Pass {
  return (request) => {
    const question = readQuestion(request.method, request.url);
    return handleOf(request, question)(passing, request, question);
  };
}

function handleOf({ method }: UpstreamRequest, { kind, path }: Question): Handle {
  if (kind === 'register') return passRegistration;
  if (kind === 'verdict') return path[0] === 'compatibility' ? passCheck : passOn;
  if (kind !== 'write') return passOn;
  if (method === 'PUT' && path[0] === 'config') return passConfig;
  if (method === 'DELETE' && path[0] === 'subjects') return passDeletion;
  return passChange;
}

const passOn: Handle = ({ upstream }, request, question) => upstream.ask(request, question);

const passChange: Handle = async (passing, request, question) => {
  const answer = await passing.upstream.ask(request, question);
  if (answer.status < 300) tellChange(passing, request, { question, answer });
  return answer;
};

const passRegistration: Handle = async (passing, request, question) => {
  const { registry, follower } = passing;
  const { subject } = question;
  if (subject === null) return passChange(passing, request, question);
  const isDry = question.query.get('dryRun')?.toLowerCase() === 'true';
  if (isDry || isUsed(passing, subject)) {
    const { draft } = readSchema(bodyOf(request), Object.fromEntries(question.query));
    await refuseBreaking(passing, subject, { draft, dryRun: isDry });
    // Upstream may not know of dry runs, and register.
    if (isDry) return json(request, { id: (await registry.find(subject, draft))?.id ?? 0 });
  }
  const answer = await passChange(passing, request, question);
  if (isUsed(passing, subject)) follower.ring();
  return answer;
};

const passCheck: Handle = async (passing, request, question) => {
  const { subject } = question;
  const answer = await passing.upstream.ask(request, question);
  if (answer.status !== 200 || !isUsed(passing, subject) || !isGuarded(passing, subject)) return answer;
  const { draft } = readSchema(bodyOf(request), Object.fromEntries(question.query));
  const breaks = await breaksOf(passing, subject, draft);
  if (breaks.length === 0) return answer;
  const said = JSON.parse(answer.body.toString('utf8')) as { messages?: string[] };
  const messages = breaks.map((found) => `{errorType:'BREAKS_PIPELINE', description:'${describeBreak(found)}'}`);
  const isVerbose = question.query.get('verbose')?.toLowerCase() === 'true';
  return json(request, { is_compatible: false, ...(isVerbose ? { messages: [...(said.messages ?? []), ...messages] } : {}) });
};

/** Whether a subject is guarded is known here alone: another registry refuses settings that it does not know. */
const passConfig: Handle = async (passing, request, question) => {
  const body = bodyOf(request);
  if (typeof body !== 'object' || body === null || !('guard' in body)) return passChange(passing, request, question);
  const { guard, ...rest } = body as { guard: unknown };
  if (typeof guard !== 'boolean') throw badRequest(`guard: expected true or false, got ${JSON.stringify(guard)}`);
  const { gateway, changeMsMax } = passing;
  const subject = question.subject ?? '';
  if (Object.keys(rest).length === 0) {
    await setConfig(gateway, { subject, guard }, AbortSignal.timeout(changeMsMax));
    return json(request, { guard: configOf(gateway.log.state.registry, subject).guard });
  }
  const answer = await passChange(passing, { ...request, body: Buffer.from(JSON.stringify(rest)) }, question);
  if (answer.status < 300) await setConfig(gateway, { subject, guard }, AbortSignal.timeout(changeMsMax));
  return answer;
};

const passDeletion: Handle = async (passing, request, question) => {
  const { subject, query, path } = question;
  if (subject !== null && query.get('permanent')?.toLowerCase() === 'true') {
    const version = path[3];
    refuseDeletion(passing, subject, /^\d+$/.test(version ?? '') ? Number(version) : null);
  }
  return passChange(passing, request, question);
};

function bodyOf({ body }: UpstreamRequest): unknown {
  if (body === null) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw badRequest('The body is not JSON', { cause });
  }
}

function json({ headers }: UpstreamRequest, body: object): UpstreamAnswer {
  const { accept = '' } = headers;
  const type = accept.startsWith('application/') && accept.includes('json') ? (accept.split(/[,;]/)[0] ?? '') : '';
  return {
    status: 200,
    headers: { 'content-type': type || 'application/vnd.schemaregistry.v1+json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Under the names that changes have everywhere. */
function tellChange(
  { gateway }: Passing,
  { method, url }: UpstreamRequest,
  { question, answer }: { question: Question; answer: UpstreamAnswer },
): void {
  const { kind, path, query } = question;
  const subject = question.subject ?? '';
  const permanent = query.get('permanent') === 'true';
  const told = (event: string, more: Facts = {}): void => gateway.tell(event, { subject, ...more });
  if (kind === 'register') told('schema.registered', idOf(answer));
  else if (path[0] === 'subjects' && path.length === 2) told('schema.subject-deleted', { permanent });
  else if (path[0] === 'subjects' && method === 'DELETE') told('schema.deleted', { version: path[3] ?? '', permanent });
  else if (path[0] === 'config' || path[0] === 'mode') told(`schema.${path[0]}-${method === 'DELETE' ? 'deleted' : 'set'}`);
  else gateway.tell('upstream.changed', { method, path: url.split('?')[0] ?? '' });
}

function idOf({ body }: UpstreamAnswer): Facts {
  try {
    const { id } = JSON.parse(body.toString('utf8')) as { id?: number };
    return id === undefined ? {} : { id };
  } catch {
    return {};
  }
}
