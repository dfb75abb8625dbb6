import type { TrainingRun } from '@penstock/catalogue';
import type { Progress, RunOrder } from './run-order.ts';

/** A run as it is remembered: what was asked for, how far it came, and how it ended. */
export function endOf(
  order: RunOrder,
  { manifest, trained, challenger, comparison, version }: Progress,
  end: Pick<TrainingRun, 'outcome' | 'reason' | 'finishedAtMs'>,
): TrainingRun {
  return {
    id: order.id,
    model: order.model,
    pipeline: order.pipeline,
    trigger: order.trigger,
    seed: order.trainer.seed,
    requestedAtMs: order.requestedAtMs,
    version: version ?? null,
    trainedUntilMs: manifest?.trainedUntilMs ?? null,
    metrics: challenger ?? {},
    champion: comparison?.champion ?? {},
    baselines: trained?.baselines ?? {},
    ...end,
  };
}
