import { type ParsedDocument, retentionMsDefault } from '../language/document.ts';
import type { StagePlan, TopicPlan } from '../pipeline-plan.ts';

/** A dead letter is its record and more: headers that say why, around the largest batch that a topic takes by default. */
const deadBatchBytesMax = 4_194_304;

/** The topics that must be there before the stages run; external ones are somebody else's. */
export function topicPlans(document: ParsedDocument, stages: readonly StagePlan[]): readonly TopicPlan[] {
  const plans = new Map<string, TopicPlan>();
  const add = (plan: TopicPlan): void => void plans.set(plan.topic, plans.get(plan.topic) ?? plan);
  for (const { from, to, late, changelog } of stages) {
    if (from.kind === 'kafka') add(plain(document, from));
    if (to.kind === 'kafka') add(plain(document, to));
    if (late !== null) add(plain(document, late));
    if (changelog !== null && from.kind === 'kafka')
      add({ topic: changelog, partitions: from.partitions, cleanup: 'compact', retentionMs: -1 });
  }
  for (const { dead } of stages) add({ batchBytesMax: deadBatchBytesMax, ...plain(document, dead) });
  return [...plans.values()].filter(({ topic }) => document.topics[topic]?.external !== true);
}

function plain({ topics }: ParsedDocument, { topic, partitions }: { topic: string; partitions: number }): TopicPlan {
  const { retentionMs = retentionMsDefault, batchBytesMax } = topics[topic] ?? {};
  return { topic, partitions, cleanup: 'delete', retentionMs, ...(batchBytesMax === undefined ? {} : { batchBytesMax }) };
}
