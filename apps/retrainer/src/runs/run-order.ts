import type { TrainingManifest, Trigger } from '@penstock/catalogue';
import type { RetrainPlan } from '@penstock/document';
import type { OffsetRange } from '../data/offset-ranges.ts';
import type { DatasetPlan, ResumeAt } from '../data/read-dataset.ts';
import type { Comparison } from '../training/gate.ts';
import type { Metrics } from '../training/metrics.ts';
import type { Trained } from '../training/training-order.ts';

/** The steps of a run, in their order; each is a job that waits for the one before. */
export const steps = ['snapshot', 'train', 'evaluate', 'register', 'promote'] as const;
export type StepName = (typeof steps)[number];

/** All that a run depends on, as it was when it was asked for: what is carried by its jobs. */
export interface RunOrder {
  readonly id: string;
  readonly model: string;
  readonly alias: string;
  readonly pipeline: string;
  readonly pipelineVersion: string;
  readonly trigger: Trigger;
  readonly requestedAtMs: number;
  /** The start of the day on which a drift began; null where none stands. */
  readonly sinceMs: number | null;
  readonly dataset: DatasetPlan;
  readonly ranges: readonly OffsetRange[];
  readonly trainer: RetrainPlan['trainer'];
  readonly gate: RetrainPlan['gate'];
}

export interface Snapshot {
  readonly manifest: TrainingManifest;
  /** Records that could not be read, and feature rows without a label. */
  readonly refused: number;
  readonly unlabelled: number;
  /** Where to read on for what the model has not been trained on. */
  readonly resume: readonly ResumeAt[];
  /** The version in service when the run began; null: none. */
  readonly champion: { readonly version: number; readonly referenceSha256: string | null } | null;
}

export interface Evaluated {
  /** On the newest rows, which the model was not trained on. */
  readonly challenger: Metrics;
  /** With the model in service; null: there is none to compare with. */
  readonly comparison: Comparison | null;
  /** What speaks against a promotion. */
  readonly objections: readonly string[];
}

export interface Registered {
  readonly version: number;
}

/** What is known so far: each step answers what it was given, and its own part. */
export type Progress = Partial<Snapshot & { readonly trained: Trained } & Evaluated & Registered>;

/** The job of a step. */
export function jobIdOf(step: StepName, runId: string): string {
  return `${step}@${runId}`;
}

export function runIdOf(jobId: string): string {
  return jobId.slice(jobId.indexOf('@') + 1);
}
