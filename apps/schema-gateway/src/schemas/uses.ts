import { planPipeline, type StagePlan } from '@penstock/document';
import { Problem } from '@penstock/kernel';
import type { VersionName } from '@penstock/registry';
import type { State } from '../log/state.ts';
import { appliedPipelines } from '../pipelines/facts.ts';

export interface StageUse {
  readonly pipeline: string;
  readonly stage: string;
  readonly writes: boolean;
  readonly fields: readonly string[];
}

/** Stages of deployed pipelines that read or write records of a subject. */
export function stageUses(state: State, subject: string): StageUse[] {
  return appliedPipelines(state)
    .filter(({ schemas }) => schemas[subject] !== undefined)
    .flatMap((applied) => plannedStages(applied).flatMap((stage) => usesOfStage(stage, subject)));
}

/** Versions of other subjects that refer to a version of the subject. */
export function referenceUses({ registry }: State, subject: string): VersionName[] {
  const ids = registry.versions(subject).flatMap((version) => registry.liveReferrers(version));
  const names = [...new Set(ids)].flatMap((id) => registry.usesOf(subject, id));
  return names.filter((name) => registry.version(name.subject, name.version)?.deleted === false);
}

function usesOfStage(stage: StagePlan, subject: string): StageUse[] {
  const { pipeline, name, input, output, from } = stage;
  const reads = from.kind === 'kafka' && input.schema.subject === subject;
  const writes = output.schema?.subject === subject;
  const use = { pipeline, stage: name };
  return [
    ...(reads ? [{ ...use, writes: false, fields: input.bindings.map(({ field }) => field.name) }] : []),
    ...(writes ? [{ ...use, writes: true, fields: output.bindings.map(({ field }) => field.name) }] : []),
  ];
}

/** None where this build cannot tell what was applied. */
function plannedStages(applied: Parameters<typeof planPipeline>[0]): readonly StagePlan[] {
  try {
    return planPipeline(applied).stages;
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return [];
  }
}
