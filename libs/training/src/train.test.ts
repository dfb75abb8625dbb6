import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@penstock/kernel';
import { recencyWeights, type TrainingSet, toMatrix } from './dataset.ts';
import { predictTrees } from './forest.ts';
import { aucOf, evaluateRegression } from './metrics.ts';
import { toOnnx } from './onnx.ts';
import { parseTreeParams } from './params.ts';
import { trainTrees } from './train.ts';

const params = parseTreeParams({ treesMax: 30, leavesMax: 8 });

/** Class 1 where exactly one of two columns is large: no single column tells anything. */
function exclusiveOr(rows: number, seed = 1): TrainingSet {
  const random = createRandom(seed);
  const columns = [Float64Array.from({ length: rows }, random), Float64Array.from({ length: rows }, random)] as const;
  return { columns, labels: columns[0].map((value, row) => (value > 0.5 !== (columns[1][row] as number) > 0.5 ? 1 : 0)) };
}

function aucAt(set: TrainingSet, forest: Awaited<ReturnType<typeof trainTrees>>): number {
  return aucOf(set.labels, predictTrees(forest, toMatrix(set.columns)).scores) ?? Number.NaN;
}

describe('training', () => {
  test('learns what only two columns together tell, on rows it has not seen', async () => {
    const forest = await trainTrees(exclusiveOr(4000), { params, seed: 1 });
    expect(aucAt(exclusiveOr(2000, 2), forest)).toBeGreaterThan(0.99);
  });

  test('the same rows, parameters and seed give the same bytes, another seed gives others', async () => {
    const drawn = parseTreeParams({ treesMax: 10, rowFraction: 0.5, columnFraction: 0.5 });
    const bytesOf = async (seed: number): Promise<string> =>
      Buffer.from(toOnnx(await trainTrees(exclusiveOr(800), { params: drawn, seed }), ['a', 'b'])).toString('base64');
    expect(await bytesOf(7)).toBe(await bytesOf(7));
    expect(await bytesOf(8)).not.toBe(await bytesOf(7));
  });

  test('missing values go where they belong, learnt from the rows', async () => {
    const rows = 400;
    const column = Float64Array.from({ length: rows }, (_, row) => (row % 4 === 0 ? Number.NaN : row % 2));
    const labels = column.map((value) => (Number.isNaN(value) || value === 1 ? 1 : 0));
    const forest = await trainTrees({ columns: [column], labels }, { params, seed: 1 });
    const { labels: answered } = predictTrees(forest, Float32Array.of(Number.NaN, 0, 1));
    expect([...answered]).toEqual([1, 0, 1]);
  });

  test('that a value is missing can be all there is to know', async () => {
    const column = Float64Array.from({ length: 400 }, (_, row) => (row % 2 === 0 ? Number.NaN : 5));
    const labels = column.map((value) => (Number.isNaN(value) ? 1 : 0));
    const forest = await trainTrees({ columns: [column], labels }, { params, seed: 1 });
    expect([...predictTrees(forest, Float32Array.of(Number.NaN, 5, 1e30)).labels]).toEqual([1, 0, 0]);
  });

  test('a value that is missing for the first time goes with the majority', async () => {
    const column = Float64Array.from({ length: 400 }, (_, row) => (row < 300 ? 0 : 1));
    const forest = await trainTrees({ columns: [column], labels: column }, { params, seed: 1 });
    expect([...predictTrees(forest, Float32Array.of(Number.NaN)).labels]).toEqual([0]);
  });

  test('a row of weight 0 is as if it were not there', async () => {
    const { columns, labels } = exclusiveOr(600);
    const weights = labels.map((_, row) => (row < 500 ? 1 : 0));
    const spoilt = labels.map((label, row) => (row < 500 ? label : 1 - label));
    const forest = await trainTrees({ columns, labels, weights }, { params, seed: 1 });
    const other = await trainTrees({ columns, labels: spoilt, weights }, { params, seed: 1 });
    expect(forest).toEqual(other);
  });

  test('heavier rows win where rows contradict each other', async () => {
    const column = new Float64Array(200).fill(1);
    const labels = column.map((_, row) => row % 2);
    const weights = labels.map((label) => (label === 1 ? 3 : 1));
    const forest = await trainTrees({ columns: [column], labels, weights }, { params, seed: 1 });
    expect(predictTrees(forest, Float32Array.of(1)).scores[0]).toBeCloseTo(0.75, 5);
  });

  test('early stopping finds a number of trees on the newest rows and grows that many on all', async () => {
    const { columns, labels } = exclusiveOr(1000);
    const random = createRandom(3);
    const noisy = labels.map((label) => (random() < 0.3 ? 1 - label : label));
    const early = parseTreeParams({ treesMax: 400, leafRowsMin: 2, earlyStopping: { patience: 5 } });
    const forest = await trainTrees({ columns, labels: noisy }, { params: early, seed: 1 });
    expect(forest.trees.length).toBeGreaterThan(3);
    expect(forest.trees.length).toBeLessThan(100);
    const plain = await trainTrees(
      { columns, labels: noisy },
      { params: { ...early, earlyStopping: null, treesMax: forest.trees.length }, seed: 1 },
    );
    expect(forest).toEqual(plain);
  });

  test('weights by recency let the newest rows win where the world has changed', async () => {
    const column = Float64Array.from({ length: 1000 }, (_, row) => row % 2);
    const labels = column.map((value, row) => (row < 900 ? value : 1 - value));
    const timesMs = column.map((_, row) => row);
    const weights = recencyWeights(timesMs, 50);
    expect([weights[999], weights[949]]).toEqual([1, 0.5]);
    const old = await trainTrees({ columns: [column], labels }, { params, seed: 1 });
    const forest = await trainTrees({ columns: [column], labels, weights }, { params, seed: 1 });
    expect([...predictTrees(old, Float32Array.of(0, 1)).labels]).toEqual([0, 1]);
    expect([...predictTrees(forest, Float32Array.of(0, 1)).labels]).toEqual([1, 0]);
  });

  test('a regression follows a curve', async () => {
    const column = Float64Array.from({ length: 2000 }, (_, row) => row / 100);
    const labels = column.map((value) => Math.sin(value) * 10 + 100);
    const forest = await trainTrees(
      { columns: [column], labels },
      { params: parseTreeParams({ objective: 'regression', leavesMax: 16, leafRowsMin: 10 }), seed: 1 },
    );
    const { r2 } = evaluateRegression(labels, predictTrees(forest, toMatrix([column])).scores);
    expect(r2).toBeGreaterThan(0.999);
  });

  test('leaves are as large as asked, and trees no deeper', async () => {
    const strict = parseTreeParams({ treesMax: 5, leafRowsMin: 100, depthMax: 2 });
    const set = exclusiveOr(1000);
    const { trees } = await trainTrees(set, { params: strict, seed: 1 });
    for (const tree of trees) expect(tree.left.filter((left) => left < 0).length).toBeLessThanOrEqual(4);
  });

  test('ends between two trees when it is told to', async () => {
    const cancel = new AbortController();
    const run = { params, seed: 1, signal: cancel.signal, grown: (trees: number) => (trees === 3 ? cancel.abort() : undefined) };
    await expect(trainTrees(exclusiveOr(400), run)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('what cannot be trained from is refused', () => {
  const columns = [Float64Array.of(1, 2)];
  const labels = Float64Array.of(0, 1);
  test.each([
    ['a label that is no class', { columns, labels: Float64Array.of(0, 2) }, 'row 1: expected the label 0 or 1, got 2'],
    ['one class', { columns, labels: Float64Array.of(1, 1) }, 'all 2 labels are 1'],
    ['no columns', { columns: [], labels }, 'at least one column'],
    ['no rows', { columns: [new Float64Array()], labels: new Float64Array() }, 'at least one row'],
    ['columns of other lengths', { columns: [Float64Array.of(1)], labels }, 'column 0 has 1 rows, the labels have 2'],
    ['what float32 cannot hold', { columns: [Float64Array.of(1e300, 1)], labels }, 'column 0, row 0: 1e+300 does not fit'],
    ['negative weights', { columns, labels, weights: Float64Array.of(1, -1) }, 'not negative'],
    ['only weights of 0', { columns, labels, weights: Float64Array.of(0, 0) }, 'every row has the weight 0'],
  ])('%s', async (_, dataset, message) => {
    await expect(trainTrees(dataset, { params, seed: 1 })).rejects.toThrow(message);
  });

  test('parameters out of range, named', () => {
    expect(() => parseTreeParams({ learningRate: 0 })).toThrow(/trainer › learningRate/);
    expect(() => parseTreeParams({ trees: 5 } as never)).toThrow(/trees/);
  });
});
