import { expect, test } from '@jest/globals';
import { handOut, WaitingLine, type WaitingRows } from './waiting-rows.ts';

function caller(value: number, rows: number, losses = 0): WaitingRows & { answers: number[][] } {
  const answers: number[][] = [];
  return {
    features: new Float32Array(rows).fill(value),
    rows,
    losses,
    resolve: ({ scores }) => answers.push([...scores]),
    reject: () => undefined,
    answers,
  };
}

function lineOf(...callers: readonly WaitingRows[]): WaitingLine {
  const line = new WaitingLine();
  for (const one of callers) line.add(one);
  return line;
}

test('callers share a run as long as they fit, and one that fits none goes alone', () => {
  const line = lineOf(caller(1, 3), caller(2, 3), caller(3, 3), caller(4, 99));
  expect([...line.take(8).features]).toEqual([1, 1, 1, 2, 2, 2]);
  expect(line.take(8).rows).toBe(3);
  expect(line.take(8).rows).toBe(99);
  expect(line.isEmpty).toBe(true);
});

test('whoever may have ended a thread goes alone, wherever in the line', () => {
  const line = lineOf(caller(1, 1), caller(2, 1, 1), caller(3, 1), caller(4, 1));
  expect([...line.take(8).features]).toEqual([1]);
  expect([...line.take(8).features]).toEqual([2]);
  expect([...line.take(8).features]).toEqual([3, 4]);
});

test('an answer is cut where its callers meet', () => {
  const callers = [caller(1, 2), caller(2, 1)] as const;
  const batch = lineOf(...callers).take(8);
  const scores = Float64Array.of(0.1, 0.2, 0.3);
  handOut(batch, { labels: scores, scores });
  expect(callers.map(({ answers }) => answers)).toEqual([[[0.1, 0.2]], [[0.3]]]);
});
