import type { Meter } from '@opentelemetry/api';
import type { ingest } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';

/** What is emitted beside the metrics of stages and calls. */
export const ingestMetrics = {
  records: { name: 'penstock.ingest.records', unit: '{record}', description: 'Records published by gRPC, by outcome' },
} as const;

/** Counts what was answered. */
export type Answered = (plan: StagePlan, outcomes: readonly ingest.Outcome[]) => void;

export function createIngestMetrics(meter: Meter): Answered {
  const { name, ...options } = ingestMetrics.records;
  const counter = meter.createCounter(name, options);
  return ({ pipeline, name: stage }, outcomes) => {
    for (const [outcome, own] of Map.groupBy(outcomes, ({ result }) => result?.$case ?? 'dropped')) {
      counter.add(own.length, { pipeline, stage, outcome });
    }
  };
}
