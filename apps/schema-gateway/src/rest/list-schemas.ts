import { type Registry, type StoredVersion, subjectNamed } from '@penstock/registry';
import { isVisible } from '../access/caller.ts';
import { hasPrefix, listSubjects, liveVersions } from '../schemas/find.ts';
import { all, flag, type Query, text } from './request.ts';

export interface ListedVersion extends StoredVersion {
  /** Names that stand for its subject, where they are asked for. */
  readonly aliases: readonly string[];
}

/** The versions that `/schemas` lists, by subject and version. */
export function listSchemas(registry: Registry, query: Query): ListedVersion[] {
  const deleted = flag(query, 'deleted');
  const prefix = text(query, 'subjectPrefix') ?? '';
  const aliases = flag(query, 'aliases') ? aliasesOf(registry, prefix) : new Map<string, string[]>();
  const subjects = new Set([...listSubjects(registry, { prefix, deleted }), ...[...aliases.keys()].filter(isVisible)]);
  const ruleType = text(query, 'ruleType') ?? '';
  return [...subjects].sort().flatMap((subject) => {
    if (registry.versions(subject).every((stored) => stored.deleted && !deleted)) return [];
    const versions = liveVersions(registry, subject, deleted);
    const listed = flag(query, 'latestOnly') ? versions.slice(-1) : versions;
    return listed
      .filter((stored) => isUnassociated(query) && (ruleType === '' || hasRuleOf(stored, ruleType)))
      .map((stored) => ({ ...stored, aliases: aliases.get(subject) ?? [] }));
  });
}

/** Names below a prefix that stand for another subject, by that. */
function aliasesOf(registry: Registry, prefix: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const names = registry.configs.keys().filter((name) => hasPrefix(name, prefix) && isVisible(name));
  for (const name of names.sort()) {
    const subject = subjectNamed(registry, name);
    if (subject !== name) found.set(subject, [...(found.get(subject) ?? []), name]);
  }
  return found;
}

/** Nothing is associated with a topic here: who asks for what is gets nothing, unless what is not is wanted too. */
function isUnassociated(query: Query): boolean {
  const asked = ['resourceType', 'associationType', 'lifecycle'].some((name) => all(query, name).length > 0);
  return !asked || all(query, 'lifecycle').includes('NONE');
}

function hasRuleOf({ content: { ruleSet } }: StoredVersion, type: string): boolean {
  const lists = ['domainRules', 'migrationRules', 'encodingRules'].map((name) => ruleSet?.[name]);
  return lists.some((rules) => Array.isArray(rules) && rules.some((rule) => Object(rule).type === type));
}
