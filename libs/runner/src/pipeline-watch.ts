import { type AppliedPipeline, type PipelinePlan, planPipeline } from '@penstock/document';
import { followTopic, type Kafka } from '@penstock/kafka';
import { messageOf } from '@penstock/kernel';

/** The one truth about what should run: a compacted topic, a record for each pipeline. */
export const pipelinesTopic = 'penstock.pipelines';

const text = new TextDecoder();

export interface PipelineWatchOptions {
  readonly topic: string;
  readonly signal: AbortSignal;
  /** Called for the present of each pipeline when the watch begins, and for every change after that; null: it was taken away. */
  changed(pipeline: string, plan: PipelinePlan | null): void;
  /** A record that this build cannot read: what ran goes on. */
  unreadable(pipeline: string, reason: string): void;
}

/** Resolves when all that is applied now has been told. */
export async function watchPipelines(
  kafka: Kafka,
  options: PipelineWatchOptions,
): Promise<AsyncDisposable & { sync(): Promise<void> }> {
  return followTopic(kafka, {
    topic: options.topic,
    signal: options.signal,
    apply({ key, value }) {
      const pipeline = text.decode(key ?? new Uint8Array(0));
      if (value === null) return options.changed(pipeline, null);
      try {
        options.changed(pipeline, planPipeline(JSON.parse(text.decode(value)) as AppliedPipeline));
      } catch (thrown) {
        options.unreadable(pipeline, messageOf(thrown));
      }
    },
  });
}
