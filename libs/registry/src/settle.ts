import { mergeMetadata, mergeRuleSets } from './contract.ts';
import type { Candidate } from './draft.ts';
import type { Registry } from './registry.ts';
import { configOf } from './settings.ts';

/**
 * A candidate with the metadata and rules that it would get: its own, else those of the version before it, between the subject's defaults
 * and overrides.
 */
export function settle(registry: Registry, subject: string, candidate: Candidate): Candidate {
  const { content } = candidate;
  const settings = configOf(registry, subject);
  const before = registry.versions(subject).findLast(({ deleted }) => !deleted)?.content;
  const own = { metadata: content.metadata ?? before?.metadata ?? null, ruleSet: content.ruleSet ?? before?.ruleSet ?? null };
  const { defaultMetadata = null, overrideMetadata = null, defaultRuleSet = null, overrideRuleSet = null } = settings;
  const metadata = mergeMetadata(mergeMetadata(defaultMetadata, own.metadata), overrideMetadata);
  const ruleSet = mergeRuleSets(mergeRuleSets(defaultRuleSet, own.ruleSet), overrideRuleSet);
  if (metadata === content.metadata && ruleSet === content.ruleSet) return candidate;
  return { ...candidate, content: { ...content, metadata, ruleSet } };
}
