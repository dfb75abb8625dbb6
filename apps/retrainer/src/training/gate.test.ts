import { describe, expect, test } from '@jest/globals';
import { type Candidacy, type Gate, objectionsTo } from './gate.ts';

const gate: Gate = { metric: 'balancedAccuracy', atLeast: 0.9, notWorseThanChampion: true };
const good: Candidacy = {
  challenger: { rows: 500, balancedAccuracy: 0.95, auc: 0.99 },
  comparison: {
    challenger: { rows: 500, balancedAccuracy: 0.95, auc: 0.99 },
    champion: { rows: 500, balancedAccuracy: 0.6, auc: 0.995 },
    onSameRows: true,
  },
  parity: { rows: 500, differenceMax: 1e-7, labelsDiffering: 0 },
};

describe('the gate', () => {
  test('lets a good model through, with a champion or without one', () => {
    expect(objectionsTo(good, gate)).toEqual([]);
    expect(objectionsTo({ ...good, comparison: null }, gate)).toEqual([]);
  });

  const objections: [string, Candidacy, Partial<Gate>, string][] = [
    [
      'a metric below what is asked for',
      { ...good, challenger: { rows: 500, balancedAccuracy: 0.85 } },
      {},
      '0.8500, at least 0.9',
    ],
    [
      'a model that is worse than the one in service',
      good,
      { metric: 'auc' },
      'auc 0.9900, and the model in service reached 0.9950 on 500 rows that it has not seen',
    ],
    ['rows of one class, on which the metric says nothing', { ...good, challenger: { rows: 500 } }, {}, 'cannot be told'],
    [
      'an export that is another model',
      { ...good, parity: { rows: 500, differenceMax: 1e-3, labelsDiffering: 0 } },
      {},
      'differs from the trained one',
    ],
    [
      'an export that labels otherwise',
      { ...good, parity: { rows: 500, differenceMax: 1e-7, labelsDiffering: 3 } },
      {},
      '3 of 500 labels',
    ],
  ];
  test.each(objections)('objects to %s', (...[, candidacy, other, objection]) => {
    expect(objectionsTo(candidacy, { ...gate, ...other })).toEqual([expect.stringContaining(objection)]);
  });

  test('does not compare with the champion where that is not asked for', () => {
    expect(objectionsTo(good, { ...gate, metric: 'auc', notWorseThanChampion: false })).toEqual([]);
  });
});
