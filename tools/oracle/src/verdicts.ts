import type { Pair } from './pair.ts';

/** One kind of difference between a verdict of ours and the oracle's, and why both are right in their way. */
export interface Explanation {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly why: string;
}

/** What ours and an oracle say differently of one pair. */
export interface Disagreement {
  readonly index: number;
  /** Names an explanation; null: there is none. */
  readonly explanation: string | null;
  readonly ours: string;
  readonly theirs: string;
  readonly pair: Pair<unknown>;
}

export interface Verdicts {
  readonly oracle: string;
  readonly pairs: number;
  readonly agreements: number;
  /** How many pairs ours calls compatible. */
  readonly compatible: number;
  /** Pairs of which ours gives no verdict. */
  readonly undecided: number;
  /** Pairs that ours refuses and of which the oracle shows nothing: neither for nor against it. */
  readonly unshown: number;
  /** By explanation. */
  readonly explained: Readonly<Record<string, number>>;
  readonly unexplained: readonly Disagreement[];
}

interface Counts extends Pick<Verdicts, 'oracle' | 'pairs' | 'compatible'> {
  readonly undecided?: number;
  readonly unshown?: number;
}

/** A pair with several disagreements disagrees once; each of them is counted under its explanation. */
export function tally(counts: Counts, disagreements: readonly Disagreement[]): Verdicts {
  const { undecided = 0, unshown = 0 } = counts;
  const explained: Record<string, number> = {};
  for (const { explanation } of disagreements) {
    if (explanation !== null) explained[explanation] = (explained[explanation] ?? 0) + 1;
  }
  const differing = new Set(disagreements.map(({ index }) => index)).size;
  return {
    ...counts,
    ...{ undecided, unshown, explained },
    agreements: counts.pairs - differing - undecided - unshown,
    unexplained: disagreements.filter(({ explanation }) => explanation === null),
  };
}
