export type { Evaluate } from '@penstock/expressions';
export { type AppliedPipeline, type AppliedSchema, type Referring, type SchemaImport, sourceOf } from './applied.ts';
export { applyDocument } from './apply-document.ts';
export { type CheckedDocument, checkDocument } from './check-document.ts';
export { type CheckFacts, type DerivedSchema, pinReferences } from './check-facts.ts';
export { type Complaint, formatComplaint } from './complaint.ts';
export { documentJsonSchema } from './language/json-schema.ts';
export { transforms } from './language/steps.ts';
export type { PipelineDocument } from './pipeline-document.ts';
export type {
  DatasetTopic,
  FromPlan,
  PipelinePlan,
  RetrainPlan,
  RetrainTrigger,
  RouteTarget,
  ServiceName,
  StagePlan,
  ToPlan,
  TopicPlan,
} from './pipeline-plan.ts';
export { planPipeline } from './plan-pipeline.ts';
export { missingSecret, unplannable } from './problems.ts';
export { type DocumentReading, readDocument } from './reading/read-document.ts';
export { referencePage } from './reference/reference-page.ts';
export { settingsTable } from './reference/settings-table.ts';
export { resolveReferences } from './resolve-references.ts';
export type { StageContext } from './stage-context.ts';
