import { mergeRuleSets, parseRuleSet, type Registry, registryProblems, withVersion } from '@penstock/registry';
import { findAnywhere, parseVersion } from '../schemas/find.ts';
import { register } from '../schemas/register.ts';
import type { Door } from './door.ts';
import { readTagRequest, type TagRequest } from './request.ts';
import { registeredAnswer, subjectOf } from './subjects.ts';

type RuleSet = ReturnType<typeof parseRuleSet> | null;

/** `POST …/tags`: the next version of a subject is one of it with other tags, metadata or rules. */
export function addTagPaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  door.post('/subjects/:subject/versions/:version/tags', async (call) => {
    const { params, body, signal } = call;
    const subject = subjectOf(params);
    const asked = parseVersion(params['version'] ?? '');
    const { content } = findAnywhere(registry, subject, { version: asked, deleted: false });
    const request = readTagRequest(body);
    const version = request.newVersion ?? 0;
    const { format, text, references } = content;
    const tags = { add: request.tagsToAdd ?? [], remove: request.tagsToRemove ?? [], propagate: false };
    const metadata = withVersion(request.metadata ?? content.metadata, version);
    const ruleSet = rulesOf(registry, subject, request);
    const draft = { format, text, references, metadata, ruleSet, tags };
    const given = version === 0 ? null : { id: null, version };
    const wanted = { subject, draft, given, dryRun: false, overrideReason: null };
    return registeredAnswer(registry, { call, wanted, registered: await register(gateway, wanted, signal) });
  });
}

/** The rules of the version before the new one with others merged in and taken away; null: what they are then is not said. */
function rulesOf(registry: Registry, subject: string, { newVersion, ruleSet, rulesToMerge, rulesToRemove }: TagRequest): RuleSet {
  const isChange = (rulesToMerge ?? null) !== null || (rulesToRemove ?? null) !== null;
  if (!isChange) return ruleSet ?? null;
  if (ruleSet) throw registryProblems.invalidRuleSet('ruleSet should be omitted if specifying rulesToMerge or rulesToRemove');
  const live = registry.versions(subject).filter(({ deleted }) => !deleted);
  const before = typeof newVersion === 'number' ? live.find(({ version }) => version === newVersion - 1) : live.at(-1);
  const merged = mergeRuleSets(before?.content.ruleSet ?? null, rulesToMerge ? parseRuleSet(rulesToMerge) : null);
  return merged === null ? null : without(merged, rulesToRemove ?? []);
}

function without(ruleSet: NonNullable<RuleSet>, names: readonly string[]): NonNullable<RuleSet> {
  const lists = Object.entries(ruleSet).map(([name, value]) => {
    const kept = Array.isArray(value) ? value.filter((rule) => !names.includes(String(Object(rule).name))) : value;
    return [name, kept] as const;
  });
  return Object.fromEntries(lists);
}
