import { contentKey, type Registry, type SchemaContent, type VersionName } from '@penstock/registry';
import { schemaFormats } from '@penstock/schema';
import { isVisible } from '../access/caller.ts';
import { findContentOf, findGuid } from '../schemas/find.ts';
import { contentAnswer, textOf, versionAnswer } from './answers.ts';
import { type Call, type Door, RawText } from './door.ts';
import { httpError } from './errors.ts';
import { listSchemas } from './list-schemas.ts';
import { flag, paged, pageOf, showingOf, text } from './request.ts';

/** `/schemas` and what lies below. */
export function addSchemaPaths(door: Door): void {
  const { registry } = door.gateway.log.state;
  const find = ({ params, query }: Call): ReturnType<typeof findContentOf> =>
    findContentOf(registry, idOf(params['id'] ?? ''), text(query, 'subject') ?? null);
  const uses = (call: Call): VersionName[] => {
    const { context, id } = find(call).content;
    const known = registry.uses.get(contentKey(context, id)) ?? [];
    const deleted = flag(call.query, 'deleted');
    return known
      .filter(({ subject }) => isVisible(subject))
      .filter(({ subject, version }) => deleted || registry.version(subject, version)?.deleted === false);
  };
  door.get('/schemas/types', () => schemaFormats);
  door.get('/schemas', (call) => {
    const showing = { ...showingOf(call), format: undefined };
    return paged(listSchemas(registry, call.query), pageOf(call.query)).map(({ aliases, ...stored }) => {
      const answer = versionAnswer(registry, stored, showing);
      return aliases.length === 0 ? answer : { ...answer, aliases };
    });
  });
  door.get('/schemas/ids/:id', (call) => {
    const { content, use } = find(call);
    const answer = contentAnswer(registry, content, showingOf(call));
    const named = call.takesUnknown ? { ...use, ...answer, deleted: isDeleted(registry, content, use) } : answer;
    return flag(call.query, 'fetchMaxId') ? { ...named, maxId: registry.idMaxOf(content.context) } : named;
  });
  door.get('/schemas/ids/:id/schema', (call) => {
    return new RawText(textOf(registry, find(call).content, text(call.query, 'format')));
  });
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

/** Of a schema that nobody was named with: whether it is in no subject any more. */
function isDeleted(registry: Registry, { context, id }: SchemaContent, use: VersionName | null): boolean {
  const uses = use === null ? (registry.uses.get(contentKey(context, id)) ?? []) : [use];
  return uses.every(({ subject, version }) => registry.version(subject, version)?.deleted === true);
}

/** What is no number is no path of ours. */
function idOf(given: string): number {
  if (/^\d{1,10}$/.test(given) && Number(given) <= 2_147_483_647) return Number(given);
  throw Object.assign(new Error(httpError(404).message), { statusCode: 404 });
}
