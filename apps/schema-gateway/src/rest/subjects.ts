import {
  type Draft,
  lookUpVersion,
  propertyOf,
  type Registry,
  readDraft,
  registryProblems,
  type SchemaContent,
  type StoredVersion,
} from '@penstock/registry';
import { deleteSubject, deleteVersion } from '../schemas/change.ts';
import { findStored, listSubjects, liveVersions, parseVersion } from '../schemas/find.ts';
import { register } from '../schemas/register.ts';
import { contentAnswer, textOf, versionAnswer } from './answers.ts';
import { type Call, type Door, RawText, Unchanged } from './door.ts';
import { flag, paged, pageOf, type Query, readSchema, showingOf, text } from './request.ts';

const everyContext = ':*:';

/** `/subjects` and what lies below. */
export function addSubjectPaths(door: Door): void {
  addReading(door);
  addChanging(door);
}

function addReading(door: Door): void {
  const { registry } = door.gateway.log.state;
  door.get('/subjects', ({ query }) => {
    const prefix = text(query, 'subjectPrefix') ?? everyContext;
    const only = flag(query, 'deletedOnly');
    const found = listSubjects(registry, {
      prefix: prefix === everyContext ? '' : prefix,
      deleted: only || flag(query, 'deleted'),
    });
    return paged(
      only ? found.filter((subject) => registry.versions(subject).every(({ deleted }) => deleted)) : found,
      pageOf(query),
    );
  });
  door.get('/subjects/:subject/versions', ({ params, query }) => {
    const only = flag(query, 'deletedOnly');
    const versions = liveVersions(registry, subjectOf(params), only || flag(query, 'deleted'));
    return paged(
      (only ? versions.filter(({ deleted }) => deleted) : versions).map(({ version }) => version),
      pageOf(query),
    );
  });
  const find = ({ params, query }: Pick<Call, 'params' | 'query'>): StoredVersion =>
    findStored(registry, subjectOf(params), { version: parseVersion(params['version'] ?? ''), deleted: flag(query, 'deleted') });
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
    const wanted = { subject: subjectOf(params), draft, given, dryRun: flag(query, 'dryRun'), overrideReason: null };
    const { id, version, isNew } = await register(gateway, wanted, signal);
    const stored = call.takesUnknown ? registry.version(wanted.subject, version) : undefined;
    const answer =
      stored === undefined ? { id } : { id, version, ...registeredAnswer(registry, stored.content, { call, draft }) };
    return isNew ? answer : new Unchanged(answer);
  });
  door.ask('/subjects/:subject', (call) => {
    const { params, query, body } = call;
    const subject = subjectOf(params);
    const deleted = flag(query, 'deleted');
    liveVersions(registry, subject, deleted);
    const candidate = readDraft(registry, subject, readSchema(body, query).draft);
    const found = lookUpVersion(registry, subject, { candidate, deleted });
    if (found === undefined) throw registryProblems.unknownSchema('Schema not found');
    return versionAnswer(registry, found, showingOf(call));
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

/**
 * What was registered. Clients keep the text for the one they gave, whatever form they gave it in: another one than theirs, as of a
 * descriptor, is left out.
 */
function registeredAnswer(registry: Registry, content: SchemaContent, { call, draft }: { call: Call; draft: Draft }): object {
  const { schema, ...others } = contentAnswer(registry, content, showingOf(call));
  return schema === draft.text ? { ...others, schema } : others;
}

export function subjectOf(params: Call['params']): string {
  return params['subject'] ?? '';
}

/** `key` and `value` come in pairs. */
function hasProperties(metadata: SchemaContent['metadata'], query: Query): boolean {
  const [keys, values] = ['key', 'value'].map((name) => [query[name] ?? []].flat());
  return (keys ?? []).every((key, index) => propertyOf(metadata, key) === values?.[index]);
}
