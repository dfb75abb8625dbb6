import type { Dataset } from '../data/dataset.ts';
import { tooFewRows } from '../problems.ts';

type Rows = Pick<Dataset, 'labels' | 'timesMs'>;

/** Of either class, to train from or to judge by. */
export const classRowsMin = 30;
const share = 0.2;
const shareMax = 0.5;
const sinceShare = 0.5;
const sinceShareMax = 0.75;

/**
 * The first of the newest rows, which are kept from training and judge it: a fifth of all rows, or half of those since the drift
 * began where that is less, so that the new ways of the world are both learnt and judged. Goes back further while one of the
 * classes is rare. Throws `retrain.too-few-rows`.
 */
export function holdoutFrom({ labels, timesMs }: Rows, sinceMs: number | null): number {
  const rows = labels.length;
  const since = sinceMs === null ? rows : timesMs.filter((timeMs) => timeMs >= sinceMs).length;
  const wanted = Math.floor(sinceMs === null ? rows * share : Math.min(rows * share, since * sinceShare));
  const most = Math.floor(sinceMs === null ? rows * shareMax : Math.min(rows * shareMax, since * sinceShareMax));
  const counts: [number, number] = [0, 0];
  let cut = rows;
  while (cut > rows - most && (rows - cut < wanted || Math.min(...counts) < classRowsMin)) {
    cut -= 1;
    counts[labels[cut] === 1 ? 1 : 0] += 1;
  }
  while (cut > 0 && timesMs[cut - 1] === timesMs[cut]) cut -= 1; // one moment of all keys stays together
  refuseTooFew(labels.subarray(0, cut));
  if (rows - cut < 2 * classRowsMin)
    throw tooFewRows(`${rows - cut} newest rows to judge by; at least ${2 * classRowsMin} are needed`);
  return cut;
}

function refuseTooFew(labels: Float64Array): void {
  if (hasBothClasses(labels)) return;
  const positives = positivesOf(labels);
  throw tooFewRows(
    `${labels.length} labelled rows to train from, ${positives} of class 1; at least ${classRowsMin} of each class are needed`,
    { facts: { rows: labels.length, positives } },
  );
}

export function hasBothClasses(labels: ArrayLike<number>): boolean {
  const positives = positivesOf(labels);
  return positives >= classRowsMin && labels.length - positives >= classRowsMin;
}

function positivesOf(labels: ArrayLike<number>): number {
  let positives = 0;
  for (let row = 0; row < labels.length; row += 1) if (labels[row] === 1) positives += 1;
  return positives;
}
