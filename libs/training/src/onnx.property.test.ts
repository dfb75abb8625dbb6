import { describe, expect, test } from '@jest/globals';
import { createRandom, type Random } from '@penstock/kernel';
import { seeded } from '@penstock/testing';
import { InferenceSession } from 'onnxruntime-node';
import type { TrainingSet } from './dataset.ts';
import type { Forest } from './forest.ts';
import { toOnnx } from './onnx.ts';
import { parseTreeParams } from './params.ts';
import { measureParity } from './parity.ts';
import { trainTrees } from './train.ts';

const float32Digits = 2e-6;

/** Numbers of all sizes, many of them equal, some of them missing. */
function column(rows: number, random: Random): Float64Array {
  const scale = 10 ** Math.floor(random() * 8 - 4);
  return Float64Array.from({ length: rows }, () => {
    const drawn = random();
    if (drawn < 0.1) return Number.NaN;
    return drawn < 0.4 ? Math.floor(random() * 5) * scale : (random() - 0.5) * scale;
  });
}

function dataset(random: Random, labelOf: (row: number) => number): TrainingSet {
  const rows = 200 + Math.floor(random() * 800);
  const columns = Array.from({ length: 1 + Math.floor(random() * 5) }, () => column(rows, random));
  const labels = Float64Array.from({ length: rows }, (_, row) => labelOf(row));
  labels[0] = 0;
  labels[1] = 1;
  return { columns, labels };
}

const namesOf = ({ inputs }: Forest): string[] => Array.from({ length: inputs }, (_, input) => `input${input}`);

describe('ONNX Runtime answers what the trainer meant', () => {
  test(
    'for classes',
    seeded(async (random) => {
      for (let round = 0; round < 12; round += 1) {
        const set = dataset(random, () => (random() < 0.3 ? 1 : 0));
        const params = parseTreeParams({ treesMax: 1 + Math.floor(random() * 40), leafRowsMin: 2, leavesMax: 20 });
        const forest = await trainTrees(set, { params, seed: round });
        const parity = await measureParity(forest, toOnnx(forest, namesOf(forest)), set.columns);
        expect(parity.differenceMax).toBeLessThan(float32Digits);
        expect(parity.labelsDiffering).toBe(0);
      }
    }),
  );

  test(
    'for values',
    seeded(async (random) => {
      const set = dataset(random, () => random() * 10);
      const forest = await trainTrees(set, { params: parseTreeParams({ objective: 'regression', treesMax: 20 }), seed: 1 });
      expect((await measureParity(forest, toOnnx(forest, namesOf(forest)), set.columns)).differenceMax).toBeLessThan(1e-4);
    }),
  );

  test('for a forest in which no leaf is negative, so that nothing marks its sums as log-odds', async () => {
    const leaf = (value: number): Forest['trees'][number] => ({
      input: Int32Array.of(0),
      threshold: Float32Array.of(0),
      missingLeft: Uint8Array.of(0),
      left: Int32Array.of(-1),
      right: Int32Array.of(-1),
      value: Float32Array.of(value),
    });
    for (const baseValue of [-0.75, 0.25]) {
      const forest: Forest = { objective: 'binary', inputs: 1, baseValue, trees: [leaf(0), leaf(0.125)] };
      const parity = await measureParity(forest, toOnnx(forest, ['a']), [Float64Array.of(1, Number.NaN)]);
      expect(parity).toMatchObject({ labelsDiffering: 0, rows: 2 });
      expect(parity.differenceMax).toBeLessThan(float32Digits);
    }
  });

  test('for infinite values, which training does not take and a served model may meet', async () => {
    const random = createRandom(5);
    const set = dataset(random, () => (random() < 0.5 ? 1 : 0));
    const forest = await trainTrees(set, { params: parseTreeParams({ treesMax: 10 }), seed: 1 });
    const odd = set.columns.map(() => Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0));
    expect((await measureParity(forest, toOnnx(forest, namesOf(forest)), odd)).differenceMax).toBeLessThan(float32Digits);
  });

  test('and another model is noticed', async () => {
    const random = createRandom(6);
    const set = dataset(random, () => (random() < 0.5 ? 1 : 0));
    const forest = await trainTrees(set, { params: parseTreeParams({ treesMax: 10 }), seed: 1 });
    const other = { ...forest, baseValue: forest.baseValue + 0.01 };
    expect((await measureParity(forest, toOnnx(other, namesOf(forest)), set.columns)).differenceMax).toBeGreaterThan(1e-3);
  });
});

test('the model says what goes in and what comes out', async () => {
  const random = createRandom(7);
  const set = dataset(random, () => (random() < 0.5 ? 1 : 0));
  const forest = await trainTrees(set, { params: parseTreeParams({ treesMax: 2 }), seed: 1 });
  const session = await InferenceSession.create(toOnnx(forest, namesOf(forest)));
  expect(session.inputMetadata).toMatchObject([{ name: 'features', type: 'float32', shape: ['N', forest.inputs] }]);
  expect(session.outputNames).toEqual(['label', 'probabilities']);
  await session.release();
  expect(() => toOnnx(forest, [])).toThrow(`0 names for ${forest.inputs} inputs`);
});
