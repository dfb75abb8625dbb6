import type { OpenCatalogue, TrainingRun } from '@penstock/catalogue';
import type { Telemetry } from '@penstock/service';

/** What is emitted beside the metrics of calls. */
export const retrainMetrics = {
  runs: { name: 'penstock.retrain.runs', unit: '{run}', description: 'Training runs that ended, by model, trigger and outcome' },
  duration: { name: 'penstock.retrain.duration', unit: 'ms', description: 'From the request of a training run to its end' },
  days: { name: 'penstock.drift.days', unit: '{day}', description: 'Whole days that were judged, by model and severity' },
  alarms: { name: 'penstock.drift.alarms', unit: '{alarm}', description: 'Drift alarms that stand, by model' },
} as const;

export interface RetrainMetrics extends Disposable {
  ended(run: TrainingRun): void;
  judged(model: string, severity: string): void;
}

/** Standing alarms are read whenever somebody collects. */
export function createRetrainMetrics({ meter }: Telemetry, { catalogue }: OpenCatalogue): RetrainMetrics {
  const runs = meter.createCounter(retrainMetrics.runs.name, retrainMetrics.runs);
  const duration = meter.createHistogram(retrainMetrics.duration.name, retrainMetrics.duration);
  const days = meter.createCounter(retrainMetrics.days.name, retrainMetrics.days);
  const alarms = meter.createObservableGauge(retrainMetrics.alarms.name, retrainMetrics.alarms);
  const readAlarms: Parameters<typeof alarms.addCallback>[0] = (result) => {
    for (const model of catalogue.models()) {
      const standing = catalogue.alarms(model).filter(({ clearedDay }) => clearedDay === null);
      result.observe(standing.length, { model });
    }
  };
  alarms.addCallback(readAlarms);
  return {
    ended({ model, trigger, outcome, requestedAtMs, finishedAtMs }) {
      runs.add(1, { model, trigger: trigger.kind, outcome });
      duration.record(finishedAtMs - requestedAtMs, { model, outcome });
    },
    judged: (model, severity) => days.add(1, { model, severity }),
    [Symbol.dispose]: () => alarms.removeCallback(readAlarms),
  };
}
