import type { Prediction, Predictor } from '@penstock/predict';
import type { ModelMetrics } from './model-metrics.ts';
import { misfit, notServing } from './problems.ts';
import type { ServedModels } from './served-models.ts';

/** What a stage asks: whatever serves behind an alias when a batch comes, and the same version for the whole batch. */
export function createPredictor(
  models: ServedModels,
  metrics: ModelMetrics,
  { model, alias }: { readonly model: string; readonly alias: string },
): Predictor {
  async function score(features: Float32Array, rows: number): Promise<Prediction> {
    const served = models.alias(model, alias);
    const serving = served?.serving ?? null;
    if (serving === null) {
      const reason = served?.problem?.message ?? 'it is being loaded';
      throw notServing(`model ${model}: nothing serves as ${alias}: ${reason}`, { facts: { model, alias } });
    }
    const { version, inputs } = serving.entry;
    if (features.length !== rows * inputs.length) {
      const given = features.length / rows;
      throw misfit(
        `the stage asks ${model} with ${given} inputs, version ${version} takes ${inputs.map(({ name }) => name).join(', ')}`,
      );
    }
    const answering = serving.model.predict(features, rows);
    const { labels, scores } = await metrics.timed({ model, version, by: 'stage' }, rows, answering);
    return { version: String(version), labels, scores };
  }
  return {
    predict: (features, rows) =>
      models.catalogue.aliases(model).some((one) => one.alias === alias) ? score(features, rows) : null,
  };
}
