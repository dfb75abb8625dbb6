import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyRule, bestThreshold, measureBaselines } from './baselines.ts';
import { aucOf, evaluate, evaluateRegression, logLossOf } from './metrics.ts';

describe('metrics of a classification', () => {
  const labels = [1, 1, 1, 0, 0, 0, 0, 0];
  const scores = [0.9, 0.6, 0.4, 0.4, 0.3, 0.2, 0.7, 0.1];

  test('agree with counting by hand', () => {
    const { confusion, accuracy, balancedAccuracy, auc } = evaluate(labels, scores);
    expect(confusion).toEqual({ truePositives: 2, falsePositives: 1, trueNegatives: 4, falseNegatives: 1 });
    expect(accuracy).toBe(6 / 8);
    expect(balancedAccuracy).toBeCloseTo((2 / 3 + 4 / 5) / 2, 12);
    // Of 15 pairs 12 are in order and one is tied.
    expect(auc).toBeCloseTo(12.5 / 15, 12);
  });

  test('AUC is the share of pairs in order, ties counted half', () => {
    const row = fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const pairs = rows.flatMap((a) =>
          rows.filter((b) => a.label === 1 && b.label === 0).map((b) => Math.sign(a.score - b.score)),
        );
        const auc = aucOf(
          rows.map(({ label }) => label),
          rows.map(({ score }) => score),
        );
        if (pairs.length === 0) return expect(auc).toBeNull();
        expect(auc).toBeCloseTo(pairs.reduce<number>((sum, sign) => sum + (sign + 1) / 2, 0) / pairs.length, 10);
      }),
    );
  });

  test('a day with one class only has a balanced accuracy and no AUC', () => {
    expect(evaluate([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.9])).toMatchObject({ balancedAccuracy: 0.75, auc: null });
  });

  test('log loss of a fair coin is ln 2, and one certain error does not make it infinite', () => {
    expect(logLossOf([0, 1], [0.5, 0.5])).toBeCloseTo(Math.LN2, 12);
    expect(logLossOf([0], [1])).toBeLessThan(20);
  });

  test('what cannot be compared is refused', () => {
    expect(() => evaluate([], [])).toThrow('cannot be compared');
    expect(() => evaluate([1], [0.5, 0.5])).toThrow('1 labels and 2 predictions');
  });
});

test('metrics of a regression', () => {
  expect(evaluateRegression([1, 2, 3], [1, 2, 6])).toEqual({ rows: 3, rmse: Math.sqrt(3), mae: 1, r2: 1 - 9 / 2 });
  expect(evaluateRegression([2, 2], [2, 2]).r2).toBeNull();
});

describe('baselines', () => {
  const set = {
    columns: [Float64Array.of(5, 5, 5, 5, 5), Float64Array.of(9, 8, Number.NaN, 2, 1)],
    labels: Float64Array.of(0, 0, 0, 1, 1),
  };

  test('the best rule on one input may be that small values mean class 1', () => {
    expect(bestThreshold(set)).toEqual({ input: 1, threshold: 5, above: false });
    expect([...applyRule({ input: 1, threshold: 5, above: false }, set)]).toEqual([0, 0, 0, 1, 1]);
  });

  test('are learnt from the training rows and judged on others', () => {
    const test = { columns: [Float64Array.of(1, 1), Float64Array.of(1, 9)], labels: Float64Array.of(1, 1) };
    const { majority, threshold } = measureBaselines(set, test);
    expect(majority.accuracy).toBe(0);
    expect(threshold.accuracy).toBe(0.5);
  });

  test('without a rule that is better than a coin there is still an answer', () => {
    const flat = { columns: [Float64Array.of(1, 1)], labels: Float64Array.of(0, 1) };
    expect(measureBaselines(flat, flat).threshold).toMatchObject({ balancedAccuracy: 0.5 });
  });
});
