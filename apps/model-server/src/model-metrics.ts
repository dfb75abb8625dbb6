import type { Asked, ModelPool, ServedModels } from '@penstock/models';
import type { Telemetry } from '@penstock/service';

/** What is emitted beside the metrics of stages and calls. */
export const modelMetrics = {
  rows: { name: 'penstock.model.rows', unit: '{row}', description: 'Rows scored, by model, version and who asked' },
  duration: { name: 'penstock.model.duration', unit: 'ms', description: 'From asking a model to its answer' },
  swaps: { name: 'penstock.model.swaps', unit: '{swap}', description: 'Moves of aliases that were followed or refused' },
  serving: {
    name: 'penstock.model.serving_version',
    unit: '{version}',
    description: 'The version that an alias serves; 0: none',
  },
  workersLost: { name: 'penstock.model.workers_lost', unit: '{thread}', description: 'Threads that ended without being told to' },
} as const;

/** Who asked. */
export type Asker = 'stage' | 'call';

export interface ModelMetrics extends Disposable {
  /** Counts and times an answer. */
  timed<Answer>(asked: Asked & { readonly by: Asker }, answering: Promise<Answer>): Promise<Answer>;
  moved(model: string, alias: string, outcome: 'swapped' | 'refused'): void;
  /** What is read whenever somebody collects. */
  observe(models: ServedModels): void;
}

export function createModelMetrics({ meter, on }: Telemetry, pool: ModelPool): ModelMetrics {
  const rowsCounter = meter.createCounter(modelMetrics.rows.name, modelMetrics.rows);
  const duration = meter.createHistogram(modelMetrics.duration.name, modelMetrics.duration);
  const swaps = meter.createCounter(modelMetrics.swaps.name, modelMetrics.swaps);
  const serving = meter.createObservableGauge(modelMetrics.serving.name, modelMetrics.serving);
  const workersLost = meter.createObservableCounter(modelMetrics.workersLost.name, modelMetrics.workersLost);
  const closing = new DisposableStack();
  return {
    async timed({ model, version, rows, by }, answering) {
      if (!on) return answering;
      const startedMs = performance.now();
      const answer = await answering;
      rowsCounter.add(rows, { model, version: String(version), by });
      duration.record(performance.now() - startedMs, { model, by });
      return answer;
    },
    moved: (model, alias, outcome) => swaps.add(1, { model, alias, outcome }),
    observe(models) {
      const readServing: Parameters<typeof serving.addCallback>[0] = (result) => {
        for (const alias of models.aliases()) {
          result.observe(alias.serving?.entry.version ?? 0, { model: alias.model, alias: alias.alias });
        }
      };
      const readLost: Parameters<typeof workersLost.addCallback>[0] = (result) => result.observe(pool.read().workersLost);
      serving.addCallback(readServing);
      workersLost.addCallback(readLost);
      closing.defer(() => serving.removeCallback(readServing));
      closing.defer(() => workersLost.removeCallback(readLost));
    },
    [Symbol.dispose]: () => closing.dispose(),
  };
}
