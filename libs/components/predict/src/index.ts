export { type PredictContext, predict } from './component.ts';
export { type PredictConfig, predictConfig } from './config.ts';
export { noModel } from './problems.ts';
export { createPredict, type Prediction, type Predictor, type PredictSettings } from './transform.ts';
