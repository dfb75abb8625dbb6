import {
  contentKey,
  contextOf,
  defaultContext,
  type SchemaContent,
  type StoredVersion,
  type VersionName,
} from '@penstock/registry';
import { schemaFormats } from '@penstock/schema';
import { isVisible } from '../access/caller.ts';
import { findContent, findGuid, listSubjects, liveVersions } from '../schemas/find.ts';
import { contentAnswer, textOf, versionAnswer } from './answers.ts';
import { type Call, type Door, RawText } from './door.ts';
import { httpError } from './errors.ts';
import { flag, paged, pageOf, showingOf, text } from './request.ts';

/** `/schemas` and what lies below. */
export function addSchemaPaths(door: Door): void {
  const { registry } = door.gateway.log.state;
  const find = ({ params, query }: Call): SchemaContent =>
    findContent(registry, idOf(params['id'] ?? ''), contextOf(text(query, 'subject') ?? defaultContext));
  const uses = (call: Call): VersionName[] => {
    const { context, id } = find(call);
    const all = registry.uses.get(contentKey(context, id)) ?? [];
    const deleted = flag(call.query, 'deleted');
    return all
      .filter(({ subject }) => isVisible(subject))
      .filter(({ subject, version }) => deleted || registry.version(subject, version)?.deleted === false);
  };
  door.get('/schemas/types', () => schemaFormats);
  door.get('/schemas', (call) => {
    const { query } = call;
    const deleted = flag(query, 'deleted');
    const prefix = text(query, 'subjectPrefix') ?? '';
    const all = listSubjects(registry, { prefix: prefix === ':*:' ? '' : prefix, deleted }).flatMap(
      (subject): readonly StoredVersion[] => {
        const versions = liveVersions(registry, subject, deleted);
        return flag(query, 'latestOnly') ? versions.slice(-1) : versions;
      },
    );
    return paged(all, pageOf(query)).map((stored) => versionAnswer(registry, stored, { ...showingOf(call), format: undefined }));
  });
  door.get('/schemas/ids/:id', (call) => {
    const answer = contentAnswer(registry, find(call), showingOf(call));
    return flag(call.query, 'fetchMaxId') ? { ...answer, maxId: registry.idMax } : answer;
  });
  door.get('/schemas/ids/:id/schema', (call) => new RawText(textOf(registry, find(call), text(call.query, 'format'))));
  door.get('/schemas/ids/:id/subjects', (call) => {
    const subjects = [...new Set(uses(call).map(({ subject }) => subject))];
    return paged(subjects, pageOf(call.query));
  });
  door.get('/schemas/ids/:id/versions', (call) => paged(uses(call), pageOf(call.query)));
  door.get('/schemas/guids/:guid', (call) => {
    const [first] = findGuid(registry, call.params['guid'] ?? '');
    return contentAnswer(registry, first, showingOf(call));
  });
  door.get('/schemas/guids/:guid/ids', ({ params }) => {
    return findGuid(registry, params['guid'] ?? '').map(({ context, id }) => ({ context, id }));
  });
}

/** What is no number is no path of ours. */
function idOf(given: string): number {
  if (/^\d{1,10}$/.test(given) && Number(given) <= 2_147_483_647) return Number(given);
  throw Object.assign(new Error(httpError(404).message), { statusCode: 404 });
}
