import { Problem } from '@penstock/kernel';
import {
  type CompatibilityLevel,
  type CompatibilityRule,
  checkCompatibility,
  type EarlierVersion,
  type Schema,
  type VersionIncompatibility,
} from '@penstock/schema';
import { propertyOf } from './contract.ts';
import type { Candidate } from './draft.ts';
import { noVerdict } from './problems.ts';
import type { Registry } from './registry.ts';
import { reservedConflicts } from './reserved-fields.ts';
import { configOf } from './settings.ts';
import type { StoredVersion } from './stored-schema.ts';

export interface Verdict {
  readonly level: CompatibilityLevel;
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** Compares a candidate with the live versions of a subject. Throws `registry.no-verdict` where none can be given. */
export function judge(
  registry: Registry,
  subject: string,
  { candidate, versions }: { candidate: Candidate; versions?: readonly StoredVersion[] },
): Verdict {
  const { level, policy, group, validateFields } = configOf(registry, subject);
  const all = versions ?? registry.versions(subject).filter(({ deleted }) => !deleted);
  const mine = group === undefined ? undefined : propertyOf(candidate.content.metadata, group);
  const live = group === undefined ? all : all.filter(({ content }) => propertyOf(content.metadata, group) === mine);
  const reserved = validateFields ? reservedConflicts(candidate, all.at(-1) ?? null) : [];
  if (level === 'NONE') return { level, incompatibilities: reserved };
  try {
    const compared = level.endsWith('_TRANSITIVE') ? live : live.slice(-1);
    const earlier = compared.map(({ version, content }) => ({ version, schema: registry.parse(content) }));
    const found = compare({ level, ...(policy === undefined ? {} : { policy }) }, candidate.schema, earlier);
    return { level, incompatibilities: [...reserved, ...found] };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw noVerdict(`${subject}: ${thrown.message}`, { cause: thrown, facts: { subject } });
  }
}

interface Comparison {
  readonly rule: CompatibilityRule;
  readonly earlier: readonly EarlierVersion[];
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** By the candidate: parsed schemas do not change, and clients ask the same again and again. */
const compared = new WeakMap<Schema, Comparison>();

function compare(rule: CompatibilityRule, schema: Schema, earlier: readonly EarlierVersion[]): readonly VersionIncompatibility[] {
  const known = compared.get(schema);
  const isSameRule = known?.rule.level === rule.level && known.rule.policy === rule.policy;
  if (isSameRule && isSame(known.earlier, earlier)) return known.incompatibilities;
  const incompatibilities = checkCompatibility(rule, schema, earlier);
  compared.set(schema, { rule, earlier, incompatibilities });
  return incompatibilities;
}

function isSame(left: readonly EarlierVersion[], right: readonly EarlierVersion[]): boolean {
  if (left.length !== right.length) return false;
  return left.every(({ version, schema }, index) => right[index]?.version === version && right[index].schema === schema);
}
