import type { Figure } from './figures.ts';

/** Compares with an absolute limit. */
export function atMost(figure: Figure, most: number): Figure {
  return { ...figure, aim: `<= ${most} ${figure.unit}`, holds: figure.median <= most };
}

/** Compares with a peer of the same run; `most` is the ratio aimed at. */
export function atMostBeside(figure: Figure, peer: Figure, most: number): Figure {
  const ratio = figure.median / peer.median;
  return { ...figure, against: peer.name, ratio, aim: `ratio <= ${most}`, holds: ratio <= most };
}
