import { expect, test } from '@jest/globals';
import { type Field, Rows, rowFate } from '@penstock/kernel';
import { factFields, type Header, type LaneContext, StateStores } from '@penstock/pipeline';
import { createPredict, type Predictor } from './transform.ts';

const slots: readonly Field[] = [
  ...factFields,
  { name: 'co2Mean', type: 'number', nullable: true },
  { name: 'lightMean', type: 'number', nullable: true },
  { name: 'prediction', type: 'integer', nullable: false },
  { name: 'score', type: 'number', nullable: false },
  { name: 'modelName', type: 'string', nullable: false },
  { name: 'modelVersion', type: 'string', nullable: false },
];
const settings = {
  model: 'occupancy',
  alias: 'production',
  inputs: [4, 3],
  slots: { label: 5, score: 6, modelName: 7, modelVersion: 8 },
};

/** Scores a row by its first input, and keeps what it was asked. */
function createEcho(): Predictor & { readonly asked: number[][] } {
  const asked: number[][] = [];
  return {
    asked,
    async predict(features, rows) {
      asked.push([...features]);
      const scores = Array.from({ length: rows }, (_, row) => features[row * 2] as number);
      return { version: '3', scores, labels: scores.map((score) => (score > 0.5 ? 1 : 0)) };
    },
  };
}

function openRows(): { rows: Rows; context: LaneContext; noted: Map<number, readonly Header[]> } {
  const rows = new Rows(slots);
  rows.reset(3);
  rows.numbers(3).set([400, 500, 600]);
  rows.numbers(4).set([0.25, 0.75, Number.NaN]);
  const noted = new Map<number, readonly Header[]>();
  return {
    rows,
    noted,
    context: { lane: 'rooms.features/0', batch: null, nowMs: 0, annotate: (row, headers) => void noted.set(row, headers) },
  };
}

test('asks once for all flowing rows, inputs in the order of the model, and writes what came back', async () => {
  const { rows, context, noted } = openRows();
  rows.fate[1] = rowFate.rejected;
  const predictor = createEcho();
  await createPredict(settings, predictor)(new StateStores()).process(rows, context);
  expect(predictor.asked).toEqual([[0.25, 400, Number.NaN, 600]]);
  expect([rows.numbers(6)[0], rows.numbers(5)[0], rows.values(7)[0], rows.values(8)[0]]).toEqual([0.25, 0, 'occupancy', '3']);
  expect([...noted.keys()]).toEqual([0, 2]);
});

test('without a promoted model the stage waits instead of losing or rejecting anything', async () => {
  const { rows, context } = openRows();
  const transform = createPredict(settings, { predict: () => null })(new StateStores());
  await expect(Promise.resolve(transform.process(rows, context))).rejects.toMatchObject({
    code: 'predict.no-model',
    remedy: 'retry',
  });
});
