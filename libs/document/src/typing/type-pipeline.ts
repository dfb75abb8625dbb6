import type { ParsedDocument } from '../language/document.ts';
import type { RetrainPlan, StagePlan, TopicPlan } from '../pipeline-plan.ts';
import type { Complaints } from './complaints.ts';
import type { SchemaSources } from './schema-sources.ts';
import type { TypedTopic } from './stage-place.ts';
import { typeStage } from './stage-plan.ts';
import { buildTopicGraph } from './topic-graph.ts';
import { topicPlans } from './topic-plans.ts';
import { typeRetrain } from './type-retrain.ts';

export interface TypedPipeline {
  readonly topics: readonly TopicPlan[];
  /** In an order in which a topic is written before it is read. */
  readonly stages: readonly StagePlan[];
  readonly retrain: RetrainPlan | null;
}

/** Types a whole document, from the schema of what devices send to the columns of the last table. */
export function typePipeline(document: ParsedDocument, sources: SchemaSources, complaints: Complaints): TypedPipeline {
  const topics = new Map<string, TypedTopic>();
  const { order } = buildTopicGraph(document, complaints);
  const stages = order.flatMap((name): StagePlan[] => {
    const stage = document.stages[name];
    if (stage === undefined) return [];
    const plan = typeStage({ document, name, stage, path: ['stages', name], topics, sources, complaints });
    return plan === null ? [] : [plan];
  });
  const retrain = typeRetrain({ document, stages, topics, complaints });
  return { topics: topicPlans(document, stages), stages, retrain };
}
