import { type Rows, rowFate, type Slot } from '@penstock/kernel';
import type { Header, LaneContext, OpenTransform } from '@penstock/pipeline';
import { noModel } from './problems.ts';

/** The answer for a batch, by one version of one model from the first row to the last. */
export interface Prediction {
  readonly version: string;
  /** The predicted class, or the predicted value. */
  readonly labels: ArrayLike<number>;
  /** The probability of the positive class; the value again for a regression. */
  readonly scores: ArrayLike<number>;
}

/** A model behind an alias. Which version answers may change from one batch to the next, never within one. */
export interface Predictor {
  /** Null while the alias points at nothing. */
  predict(features: Float32Array, rows: number): Promise<Prediction> | null;
}

export interface PredictSettings {
  readonly model: string;
  readonly alias: string;
  /** The model's inputs, in its order. NaN goes to the model as a missing value. */
  readonly inputs: readonly Slot[];
  readonly slots: { readonly label: Slot; readonly score: Slot; readonly modelName: Slot; readonly modelVersion: Slot };
}

const utf8 = new TextEncoder();

/** Scores every flowing row; order and keys stay as they are. */
export function createPredict(settings: PredictSettings, predictor: Predictor): OpenTransform {
  return () => ({ process: (rows, lane) => score(rows, lane, { settings, predictor }) });
}

async function score(
  rows: Rows,
  lane: LaneContext,
  { settings, predictor }: { settings: PredictSettings; predictor: Predictor },
): Promise<void> {
  const flowing = flowingRows(rows);
  if (flowing.length === 0) return;
  const answer = predictor.predict(matrixOf(rows, flowing, settings.inputs), flowing.length);
  if (answer === null) {
    const { model, alias } = settings;
    throw noModel(`model ${model}: nothing has been promoted to ${alias} yet; train one with: penstock retrain ${model}`, {
      facts: { model, alias },
    });
  }
  write(rows, lane, { flowing, settings, prediction: await answer });
}

function flowingRows(rows: Rows): number[] {
  const flowing: number[] = [];
  for (let row = 0; row < rows.length; row += 1) if (rows.fate[row] === rowFate.flowing) flowing.push(row);
  return flowing;
}

/** Row by row, as models take it. */
function matrixOf(rows: Rows, flowing: readonly number[], inputs: readonly Slot[]): Float32Array {
  const matrix = new Float32Array(flowing.length * inputs.length);
  inputs.forEach((slot, input) => {
    const column = rows.numbers(slot);
    flowing.forEach((row, index) => {
      matrix[index * inputs.length + input] = column[row] as number;
    });
  });
  return matrix;
}

interface Answer {
  readonly flowing: readonly number[];
  readonly settings: PredictSettings;
  readonly prediction: Prediction;
}

function write(rows: Rows, lane: LaneContext, { flowing, settings, prediction }: Answer): void {
  const { slots, model } = settings;
  const headers: readonly Header[] = [
    ['penstock_model', utf8.encode(model)],
    ['penstock_model_version', utf8.encode(prediction.version)],
  ];
  flowing.forEach((row, index) => {
    rows.numbers(slots.label)[row] = prediction.labels[index] as number;
    rows.numbers(slots.score)[row] = prediction.scores[index] as number;
    rows.values(slots.modelName)[row] = model;
    rows.values(slots.modelVersion)[row] = prediction.version;
    lane.annotate(row, headers);
  });
}
