import { type PipelinePlan, planPipeline, type RetrainPlan, type StagePlan } from '@penstock/document';
import { Problem } from '@penstock/kernel';
import type { VersionName } from '@penstock/registry';
import type { State } from '../log/state.ts';
import { appliedPipelines } from '../pipelines/facts.ts';

export interface StageUse {
  readonly pipeline: string;
  readonly stage: string;
  readonly writes: boolean;
  readonly fields: readonly string[];
  /** The model that judges its records; empty: none. */
  readonly model: string;
  /** Where it writes to if that is no topic. */
  readonly sink: string;
}

/** A model that is trained from records of a subject. */
export interface TrainingUse {
  readonly pipeline: string;
  readonly model: string;
  readonly alias: string;
  readonly fields: readonly string[];
}

/** Stages of deployed pipelines that read or write records of a subject. */
export function stageUses(state: State, subject: string): StageUse[] {
  return plansWith(state, subject).flatMap(({ stages }) => stages.flatMap((stage) => usesOfStage(stage, subject)));
}

/** Trainings of deployed pipelines that read records of a subject. */
export function trainingUses(state: State, subject: string): TrainingUse[] {
  return plansWith(state, subject).flatMap(({ retrain }) => (retrain === null ? [] : usesOfTraining(retrain, subject)));
}

/** Versions of other subjects that refer to a version of the subject. */
export function referenceUses({ registry }: State, subject: string): VersionName[] {
  const names = registry.versions(subject).flatMap((version) => registry.referrersOf(version, false));
  const known = new Set<string>();
  return names.filter((name) => known.size < known.add(`${name.subject}/${name.version}`).size);
}

function usesOfStage(stage: StagePlan, subject: string): StageUse[] {
  const { pipeline, name, input, output, from, to, predicts } = stage;
  const reads = from.kind === 'kafka' && input.schema.subject === subject;
  const writes = output.schema?.subject === subject;
  const sink = to.kind === 'postgres' ? `postgres ${to.config.schema}.${to.config.table}` : '';
  const use = { pipeline, stage: name, sink, model: predicts === null ? '' : `${predicts.model}@${predicts.alias}` };
  return [
    ...(reads ? [{ ...use, writes: false, fields: input.bindings.map(({ field }) => field.name) }] : []),
    ...(writes ? [{ ...use, writes: true, fields: output.bindings.map(({ field }) => field.name) }] : []),
  ];
}

function usesOfTraining({ pipeline, model, alias, features, labels }: RetrainPlan, subject: string): TrainingUse[] {
  const read = [features, labels].filter(({ schema }) => schema.subject === subject);
  return read.map(({ fields }) => ({ pipeline, model, alias, fields: fields.map(({ name }) => name) }));
}

/** Of the pipelines that name a subject; none where this build cannot tell what was applied. */
function plansWith(state: State, subject: string): PipelinePlan[] {
  const applied = appliedPipelines(state).filter(({ schemas }) => schemas[subject] !== undefined);
  return applied.flatMap((each) => {
    try {
      return [planPipeline(each)];
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return [];
    }
  });
}
