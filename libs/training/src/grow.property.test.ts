import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toMatrix } from './dataset.ts';
import { leafOf, sigmoid, type Tree } from './forest.ts';
import { parseTreeParams } from './params.ts';
import { trainTrees } from './train.ts';

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const row = fc.record({ a: value, b: value, label: fc.constantFrom(0, 1), weight: fc.constantFrom(0.5, 1, 2) });

test('each leaf holds the Newton step of exactly the rows that fall into it', async () => {
  const params = parseTreeParams({ treesMax: 1, learningRate: 1, l2: 0, leafRowsMin: 1, leavesMax: 12 });
  const rowsOfBothClasses = fc
    .array(row, { minLength: 4, maxLength: 80 })
    .filter((rows) => new Set(rows.map(({ label }) => label)).size === 2);
  await fc.assert(
    fc.asyncProperty(rowsOfBothClasses, async (rows) => {
      const columns = [Float64Array.from(rows, ({ a }) => a), Float64Array.from(rows, ({ b }) => b)];
      const labels = Float64Array.from(rows, ({ label }) => label);
      const weights = Float64Array.from(rows, ({ weight }) => weight);
      const { baseValue, trees } = await trainTrees({ columns, labels, weights }, { params, seed: 1 });
      const matrix = toMatrix(columns);
      const probability = sigmoid(baseValue);
      const leaves = Map.groupBy(rows.keys(), (index) => leafOf(trees[0] as Tree, matrix, index * 2));
      for (const [found, members] of leaves) {
        const gradient = members.reduce(
          (sum, index) => sum + (weights[index] as number) * (probability - (labels[index] as number)),
          0,
        );
        const hessian = members.reduce((sum, index) => sum + (weights[index] as number) * probability * (1 - probability), 0);
        expect(found).toBeCloseTo(-gradient / hessian, 4);
      }
    }),
  );
});
