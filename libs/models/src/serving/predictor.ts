import type { Prediction, Predictor } from '@penstock/predict';
import { misfit, notServing } from '../problems.ts';
import type { ServedModels } from './served-models.ts';

/** What was asked of a model, for whoever counts and times it. */
export interface Asked {
  readonly model: string;
  readonly version: number;
  readonly rows: number;
}

export interface PredictorOptions {
  readonly model: string;
  readonly alias: string;
  /** Sees every question on its way. */
  watched?<Answer>(asked: Asked, answering: Promise<Answer>): Promise<Answer>;
}

/** What a stage asks: whatever serves behind an alias when a batch comes, and the same version for the whole batch. */
export function createPredictor(models: ServedModels, { model, alias, watched }: PredictorOptions): Predictor {
  async function score(features: Float32Array, rows: number): Promise<Prediction> {
    const served = models.alias(model, alias);
    const serving = served?.serving ?? null;
    if (serving === null) {
      const reason = served?.problem?.message ?? 'it is being loaded';
      throw notServing(`model ${model}: nothing serves as ${alias}: ${reason}`, { facts: { model, alias } });
    }
    const { version, inputs } = serving.entry;
    if (features.length !== rows * inputs.length) {
      const names = inputs.map(({ name }) => name).join(', ');
      throw misfit(`the stage asks ${model} with ${features.length / rows} inputs, version ${version} takes ${names}`);
    }
    const answering = serving.model.predict(features, rows);
    const { labels, scores } = await (watched?.({ model, version, rows }, answering) ?? answering);
    return { version: String(version), labels, scores };
  }
  const isPromoted = (): boolean => models.catalogue.aliases(model).some((one) => one.alias === alias);
  return { predict: (features, rows) => (isPromoted() ? score(features, rows) : null) };
}
