import {
  type Draft,
  isEmpty,
  lookUpVersion,
  propertyOf,
  type Registry,
  readDraft,
  registryProblems,
  type SchemaContent,
  type StoredVersion,
} from '@penstock/registry';
import { deleteSubject, deleteVersion } from '../schemas/change.ts';
import { everyContext, findAnywhere, findStored, listSubjects, liveVersions, namesOf, parseVersion } from '../schemas/find.ts';
import { type Registered, type Registering, register } from '../schemas/register.ts';
import { contentAnswer, textOf, versionAnswer } from './answers.ts';
import { type Call, type Door, RawText, Unchanged } from './door.ts';
import { all, flag, paged, pageOf, type Query, readSchema, showingOf, text } from './request.ts';

/** `/subjects` and what lies below. */
export function addSubjectPaths(door: Door): void {
  addReading(door);
  addChanging(door);
}

function addReading(door: Door): void {
  const { registry } = door.gateway.log.state;
  door.get('/subjects', ({ query }) => {
    const only = flag(query, 'deletedOnly');
    const found = listSubjects(registry, {
      prefix: text(query, 'subjectPrefix') ?? everyContext,
      deleted: only || flag(query, 'deleted'),
    });
    return paged(
      only ? found.filter((subject) => registry.versions(subject).every(({ deleted }) => deleted)) : found,
      pageOf(query),
    );
  });
  door.get('/subjects/:subject/versions', ({ params, query }) => {
    const [only, negative] = [flag(query, 'deletedOnly'), flag(query, 'deletedAsNegative')];
    liveVersions(registry, subjectOf(params), only || flag(query, 'deleted'));
    const versions = liveVersions(registry, subjectOf(params), only || negative || flag(query, 'deleted'));
    const wanted = only && !negative ? versions.filter(({ deleted }) => deleted) : versions;
    return paged(
      wanted.map(({ version, deleted }) => (negative && deleted ? -version : version)),
      pageOf(query),
    );
  });
  const find = ({ params, query }: Pick<Call, 'params' | 'query'>): StoredVersion =>
    findAnywhere(registry, subjectOf(params), {
      version: parseVersion(params['version'] ?? ''),
      deleted: flag(query, 'deleted'),
    });
  door.get('/subjects/:subject/versions/:version', (call) => versionAnswer(registry, find(call), showingOf(call)));
  door.get('/subjects/:subject/versions/:version/schema', (call) => {
    return new RawText(textOf(registry, find(call).content, text(call.query, 'format')));
  });
  door.get('/subjects/:subject/versions/:version/referencedby', (call) => {
    const referred = find({ ...call, query: { ...call.query, deleted: 'true' } });
    return paged(registry.referringIds(referred, flag(call.query, 'deleted')), pageOf(call.query));
  });
  door.get('/subjects/:subject/metadata', (call) => {
    const { params, query } = call;
    const versions = liveVersions(registry, subjectOf(params), flag(query, 'deleted'));
    const found = versions.findLast(({ content }) => hasProperties(content.metadata, query));
    if (found === undefined) throw registryProblems.unknownSchema('Schema not found');
    return versionAnswer(registry, found, showingOf(call));
  });
}

function addChanging(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  door.post('/subjects/:subject/versions', async (call) => {
    const { params, query, body, signal } = call;
    const { draft, given } = readSchema(body, query);
    const [dryRun, force] = [flag(query, 'dryRun'), flag(query, 'force')];
    const wanted = { subject: subjectOf(params), draft, given, dryRun, force, overrideReason: null };
    const registered = await register(gateway, wanted, signal);
    const answer = registeredAnswer(registry, { call, wanted, registered });
    return registered.isNew ? answer : new Unchanged(answer);
  });
  door.ask('/subjects/:subject', (call) => {
    const { params, query, body } = call;
    const subject = subjectOf(params);
    const deleted = flag(query, 'deleted');
    const found = lookUp(registry, subject, { draft: readSchema(body, query).draft, deleted });
    if (found !== undefined) return versionAnswer(registry, found, showingOf(call));
    liveVersions(registry, subject, deleted);
    throw registryProblems.unknownSchema('Schema not found');
  });
  door.delete('/subjects/:subject', ({ params, query, signal }) => {
    return deleteSubject(gateway, { subject: subjectOf(params), permanent: flag(query, 'permanent') }, signal);
  });
  door.delete('/subjects/:subject/versions/:version', async ({ params, query, signal }) => {
    const subject = subjectOf(params);
    const permanent = flag(query, 'permanent');
    const asked = parseVersion(params['version'] ?? '');
    const version = asked === 'latest' ? findStored(registry, subject, { version: asked, deleted: permanent }).version : asked;
    await deleteVersion(gateway, { subject, version, permanent }, signal);
    return version;
  });
}

/** Looked for under the subject, and where no context is named under the same in the others. */
function lookUp(
  registry: Registry,
  subject: string,
  { draft, deleted }: { draft: Draft; deleted: boolean },
): StoredVersion | undefined {
  if (isEmpty(draft)) return undefined;
  for (const name of namesOf(registry, subject)) {
    if (registry.versions(name).length === 0) continue;
    const found = lookUpVersion(registry, name, { candidate: readDraft(registry, name, { ...draft, isSought: true }), deleted });
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What was registered. Clients keep the text for the one they gave, whatever form they gave it in: another one than theirs, as of a
 * descriptor, is left out.
 */
export function registeredAnswer(
  registry: Registry,
  {
    call,
    wanted: { subject, draft },
    registered: { id, version },
  }: { call: Call; wanted: Pick<Registering, 'subject' | 'draft'>; registered: Pick<Registered, 'id' | 'version'> },
): object {
  const stored = call.takesUnknown ? registry.version(subject, version) : undefined;
  if (stored === undefined) return { id };
  const { schema, ...others } = contentAnswer(registry, stored.content, showingOf(call));
  const isOwn = schema === draft.text || draft.tags !== undefined || isEmpty(draft) || text(call.query, 'format') !== undefined;
  return { id, version, ...others, ...(isOwn ? { schema } : {}) };
}

export function subjectOf(params: Call['params']): string {
  return params['subject'] ?? '';
}

/** `key` and `value` come in pairs. */
function hasProperties(metadata: SchemaContent['metadata'], query: Query): boolean {
  const [keys, values] = [all(query, 'key'), all(query, 'value')];
  return (
    metadata !== null && values.every((value, index) => index >= keys.length || propertyOf(metadata, keys[index] ?? '') === value)
  );
}
