import { type AppliedPipeline, type PipelinePlan, planPipeline } from '@penstock/document';
import { type Kafka, readRange } from '@penstock/kafka';
import { pipelinesTopic } from '@penstock/runner';

const text = new TextDecoder();

/** What is applied now, as every service derives it. */
export async function readPlans(kafka: Kafka): Promise<PipelinePlan[]> {
  const applied = new Map<string, AppliedPipeline>();
  for await (const { key, value } of readRange(
    kafka,
    { topic: pipelinesTopic, partition: 0 },
    { from: 'earliest', to: 'latest' },
  )) {
    const pipeline = text.decode(key ?? new Uint8Array());
    if (value === null) applied.delete(pipeline);
    else applied.set(pipeline, JSON.parse(text.decode(value)) as AppliedPipeline);
  }
  return [...applied.values()].map(planPipeline);
}
