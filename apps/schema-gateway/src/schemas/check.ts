import { Problem } from '@penstock/kernel';
import {
  configOf,
  type Draft,
  findVersion,
  judge,
  readDraft,
  registryProblems,
  type StoredVersion,
  settle,
} from '@penstock/registry';
import type { CompatibilityLevel, VersionIncompatibility } from '@penstock/schema';
import type { Gateway } from '../gateway.ts';
import { appliedOf } from '../pipelines/applied-schema.ts';
import { modelInputs } from '../pipelines/facts.ts';
import { type Break, consequencesOf } from '../pipelines/guard.ts';

export interface Checking {
  readonly subject: string;
  readonly draft: Draft;
  /** Null: those that registering would compare with. */
  readonly versions: readonly StoredVersion[] | null;
}

export interface CheckAnswer {
  readonly level: CompatibilityLevel;
  readonly incompatibilities: readonly VersionIncompatibility[];
  readonly breaks: readonly Break[];
  /** Why no verdict can be given; null: it was. */
  readonly noVerdict: string | null;
}

/** All that speaks against a schema: earlier versions, and deployed pipelines. Changes nothing. */
export function check({ log, catalogue }: Gateway, { subject, draft, versions }: Checking): CheckAnswer {
  const { state } = log;
  const candidate = settle(state.registry, subject, readDraft(state.registry, subject, draft));
  const { level } = configOf(state.registry, subject);
  const same = findVersion(state.registry, subject, { candidate, deleted: false });
  const proposed = appliedOf(state.registry, candidate.content, {
    subject,
    id: same?.content.id ?? 0,
    version: same?.version ?? 0,
  });
  const consequences = same === undefined ? consequencesOf(state, proposed, modelInputs(catalogue)) : [];
  const breaks = consequences.flatMap((consequence) => consequence.breaks);
  try {
    const judged = judge(state.registry, subject, { candidate, ...(versions === null ? {} : { versions }) });
    return { level, incompatibilities: judged.incompatibilities, breaks, noVerdict: null };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || !registryProblems.noVerdict.caused(thrown)) throw thrown;
    return { level, incompatibilities: [], breaks, noVerdict: thrown.message };
  }
}
