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
  checkDevices(document, complaints);
  const stages = order.flatMap((name): StagePlan[] => {
    const stage = document.stages[name];
    if (stage === undefined) return [];
    const plan = typeStage({ document, name, stage, path: ['stages', name], topics, sources, complaints });
    return plan === null ? [] : [plan];
  });
  const retrain = typeRetrain({ document, stages, topics, complaints });
  return { topics: topicPlans(document, stages), stages, retrain };
}

/** What is said of devices beside their stages: a record that somebody uses, and sessions that do not push each other out. */
function checkDevices({ pipeline, record, stages }: ParsedDocument, complaints: Complaints): void {
  const devices = Object.entries(stages).filter(([, { from }]) => from.mqtt !== undefined);
  if (record !== undefined && devices.every(([, stage]) => stage.record !== undefined)) {
    const message = 'no stage that reads from devices uses it';
    complaints.add({ path: ['record'], isOfKey: true, code: 'document.unused', message });
  }
  const owners = new Map<string, string>();
  for (const [name, { from }] of devices) {
    const clientId = from.mqtt?.clientId ?? `${pipeline}.${name}`;
    const owner = owners.get(clientId);
    if (owner === undefined) owners.set(clientId, name);
    else {
      const message = `stage ${owner} has this session: two clients of one name push each other out`;
      complaints.add({ path: ['stages', name, 'from', 'mqtt', 'clientId'], code: 'document.session', message });
    }
  }
}
