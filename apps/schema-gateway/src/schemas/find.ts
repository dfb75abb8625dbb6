import {
  contentKey,
  contextName,
  contextOf,
  defaultContext,
  isContextName,
  plainName,
  type Registry,
  registryProblems,
  type SchemaContent,
  type StoredVersion,
  subjectIn,
  type VersionName,
} from '@penstock/registry';
import { isVisible } from '../access/caller.ts';
import { demandOneOf } from '../access/need.ts';

/** Content is shown to who may read one of the subjects that use it. Throws `access.denied`. */
export function demandSeen(registry: Registry, { context, id }: SchemaContent): void {
  demandOneOf(registry.uses.get(contentKey(context, id)) ?? [], id);
}

const versionMax = 2_147_483_647;

/** A version by its number, or `latest` (also -1). Throws what Confluent's registry says of subjects and versions. */
export function findStored(
  registry: Registry,
  subject: string,
  { version, deleted }: { version: number | 'latest'; deleted: boolean },
): StoredVersion {
  const found = findIn(registry, subject, { version, deleted });
  if (found !== undefined) return found;
  liveVersions(registry, subject, deleted);
  throw registryProblems.unknownVersion(`Version ${version} not found.`, { facts: { subject, version } });
}

/** As `findStored`; what is not there is looked for in the other contexts that the caller may read, unless one is named. */
export function findAnywhere(
  registry: Registry,
  subject: string,
  asked: { version: number | 'latest'; deleted: boolean },
): StoredVersion {
  const there = namesOf(registry, subject).find((name) => findIn(registry, name, asked) !== undefined);
  return findStored(registry, there ?? subject, asked);
}

/** A subject as it was named, and where it names no context the same in all others that the caller may read. */
export function namesOf(registry: Registry, subject: string): string[] {
  if (contextOf(subject) !== defaultContext) return [subject];
  const others = registry.contexts.keys().map((context) => subjectIn(context, subject));
  return [subject, ...others.filter(isVisible)];
}

function findIn(
  registry: Registry,
  subject: string,
  { version, deleted }: { version: number | 'latest'; deleted: boolean },
): StoredVersion | undefined {
  const versions = registry.versions(subject).filter((stored) => deleted || !stored.deleted);
  return version === 'latest' ? versions.at(-1) : versions.find((stored) => stored.version === version);
}

/** Versions oldest first. Throws `registry.unknown-subject` when there are none. */
export function liveVersions(registry: Registry, subject: string, deleted: boolean): readonly StoredVersion[] {
  const versions = registry.versions(subject).filter((stored) => deleted || !stored.deleted);
  if (versions.length > 0) return versions;
  throw registryProblems.unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
}

export function listSubjects(registry: Registry, { prefix, deleted }: { prefix: string; deleted: boolean }): string[] {
  return registry.subjects
    .keys()
    .filter((subject) => hasPrefix(subject, prefix))
    .filter(isVisible)
    .filter((subject) => registry.versions(subject).some((stored) => deleted || !stored.deleted))
    .sort();
}

/** Before the beginning of a name: in any context. */
export const everyContext = ':*:';

/** A prefix that names no context is one in the default context. */
export function hasPrefix(subject: string, prefix: string): boolean {
  if (prefix.startsWith(everyContext)) {
    const name = subject.slice(contextName(contextOf(subject)).length);
    return name.startsWith(prefix.slice(everyContext.length));
  }
  const wanted = plainName(prefix);
  if (prefix.startsWith(':.') && wanted.startsWith(':')) return subject.startsWith(prefix);
  return contextOf(subject) === defaultContext && subject.startsWith(wanted);
}

/** `latest`, -1 or a number from 1 on. */
export function parseVersion(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (version >= 1 && version <= versionMax) return version;
  throw registryProblems.invalidVersion(
    `The specified version '${text.slice(0, 100)}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}

/** What an id stands for. */
export function findContent(registry: Registry, id: number, context: string = defaultContext): SchemaContent {
  const content = registry.contents.get(contentKey(context, id));
  if (content !== undefined) {
    demandSeen(registry, content);
    return content;
  }
  throw registryProblems.unknownSchema(`Schema ${id} not found`, { facts: { id } });
}

/** What an id stands for to somebody who names a subject: there, in any context that has the subject, else by the id alone. */
export function findContentOf(
  registry: Registry,
  id: number,
  subject: string | null,
): { readonly content: SchemaContent; readonly use: VersionName | null } {
  if (subject === null || isContextName(subject)) {
    const content = findContent(registry, id, contextOf(subject ?? ''));
    return { content, use: subject === null ? null : (registry.usesOf(subject, id)[0] ?? null) };
  }
  for (const name of namesOf(registry, subject)) {
    const use = registry.usesOf(name, id).findLast((each) => each.subject === name);
    if (use !== undefined) return { content: findContent(registry, id, contextOf(name)), use };
  }
  if (contextOf(subject) !== defaultContext) throw registryProblems.unknownSchema(`Schema ${id} not found`, { facts: { id } });
  return { content: findContent(registry, id), use: registry.usesOf('', id)[0] ?? null };
}

/** What has a GUID, in each context where the caller may see it, or in one. Throws `registry.unknown-schema`. */
export function findGuid(registry: Registry, guid: string, context: string | null = null): [SchemaContent, ...SchemaContent[]] {
  const found = registry.withGuid(guid.toLowerCase()).filter((content) => context === null || content.context === context);
  const seen = found.filter((content) => (registry.uses.get(contentKey(content.context, content.id)) ?? []).some(isSeen));
  const [first, ...others] = seen;
  if (first !== undefined) return [first, ...others];
  if (found[0] !== undefined) demandSeen(registry, found[0]);
  throw registryProblems.unknownSchema(`Schema ${guid.slice(0, 100)} not found`, { facts: { guid: guid.slice(0, 100) } });
}

function isSeen({ subject }: { readonly subject: string }): boolean {
  return isVisible(subject);
}
