import type { AppliedPipeline } from './applied.ts';
import type { CheckedDocument, CheckFacts, DocumentReading } from './check-document.ts';
import type { PipelinePlan } from './pipeline-plan.ts';

export type { AppliedPipeline, AppliedSchema } from './applied.ts';
export type { CheckedDocument, CheckFacts, DerivedSchema, DocumentReading } from './check-document.ts';
export { type Complaint, formatComplaint } from './complaint.ts';
export type { PipelineDocument } from './pipeline-document.ts';
export type {
  DatasetTopic,
  Evaluate,
  FromPlan,
  PipelinePlan,
  RetrainPlan,
  RetrainTrigger,
  RouteTarget,
  ServiceName,
  StageContext,
  StagePlan,
  ToPlan,
  TopicPlan,
} from './pipeline-plan.ts';

export declare function readDocument(text: string, options: { readonly file: string }): DocumentReading;
export declare function checkDocument(reading: DocumentReading, facts: CheckFacts): CheckedDocument;
export declare function planPipeline(applied: AppliedPipeline): PipelinePlan;
export declare function resolveReferences<T>(config: T, env: NodeJS.ProcessEnv): T;
