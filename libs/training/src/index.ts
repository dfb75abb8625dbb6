export {
  applyRule,
  type BaselineReading,
  type Baselines,
  bestThreshold,
  measureBaselines,
  type ThresholdRule,
} from './baselines.ts';
export { checkDataset, type Objective, recencyWeights, sliceRows, type TrainingSet, toMatrix } from './dataset.ts';
export { crossScore, dayNumbers, nameOfDay, type ScoredRows, splitDays } from './days.ts';
export { type Divergence, divergenceOf, psi, riseOf, type Sketch, sketchOf } from './divergence.ts';
export {
  calibrateDrift,
  type Day,
  type DayVerdict,
  type DriftLimit,
  type DriftReading,
  type DriftReference,
  judgeDay,
} from './drift.ts';
export { type Forest, predictTrees, type Scores, type Tree } from './forest.ts';
export {
  accuracyOf,
  aucOf,
  balancedAccuracyOf,
  type Confusion,
  confusionOf,
  type Evaluation,
  evaluate,
  evaluateRegression,
  logLossOf,
  type RegressionEvaluation,
} from './metrics.ts';
export { toOnnx } from './onnx.ts';
export { parseTreeParams, type TreeParams, treeParams } from './params.ts';
export { measureParity, type Parity } from './parity.ts';
export { badDataset, badParams, oneClass, tooFewDays } from './problems.ts';
export { type TrainingRun, trainTrees } from './train.ts';
