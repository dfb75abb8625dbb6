import type { Predictor } from '@penstock/predict';

/** What a service lends to the transforms of its stages. */
export interface StageContext {
  predictor(model: string, alias: string): Predictor;
}
