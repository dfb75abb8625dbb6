export { noModel } from './problems.ts';
export { createPredict, type Prediction, type Predictor, type PredictSettings } from './transform.ts';
