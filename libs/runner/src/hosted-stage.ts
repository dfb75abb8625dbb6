import type { PipelinePlan, StagePlan } from '@penstock/document';
import type { Clock } from '@penstock/kernel';
import type { StageReading } from './stage-status.ts';

export interface HostedStage {
  readonly plan: StagePlan;
  /** Of the document that it was started by. */
  readonly version: string;
  readonly reading: StageReading;
}

/** Runs the stages of every applied document that belong to one service, and changes what runs when a document changes. */
export interface StageHost extends AsyncDisposable {
  readonly clock: Clock;
  stages(): readonly HostedStage[];
  /** The plans of all pipelines as they are applied now, other services' stages included. */
  pipelines(): ReadonlyMap<string, PipelinePlan>;
  /** Stops intake everywhere and resolves when everything taken in is settled. */
  drain(): Promise<void>;
}
