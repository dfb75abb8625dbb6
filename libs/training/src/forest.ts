import type { Objective } from './dataset.ts';

/**
 * A tree as columns, a row for each node; the root is node 0. A value goes left when it is at most the threshold, and a
 * missing one where `missingLeft` says. Leaves have no children (-1).
 */
export interface Tree {
  readonly input: Int32Array;
  readonly threshold: Float32Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a leaf adds to the margin, learning rate included; 0 in other nodes. */
  readonly value: Float32Array;
}

/** A trained model. Its margin is the base value plus one leaf of each tree: log-odds, or the value itself in a regression. */
export interface Forest {
  readonly objective: Objective;
  readonly inputs: number;
  readonly baseValue: number;
  readonly trees: readonly Tree[];
}

export interface Scores {
  readonly labels: Float64Array;
  /** The probability of class 1; the value again for a regression. */
  readonly scores: Float64Array;
}

/** Scores rows given one after the other, `forest.inputs` values each. The reference that an exported model must match. */
export function predictTrees(forest: Forest, matrix: Float32Array): Scores {
  const rows = matrix.length / forest.inputs;
  const scores = new Float64Array(rows).fill(forest.baseValue);
  for (const tree of forest.trees) {
    for (let row = 0; row < rows; row += 1) scores[row] = (scores[row] as number) + leafOf(tree, matrix, row * forest.inputs);
  }
  if (forest.objective === 'regression') return { labels: scores, scores };
  return { labels: scores.map((margin) => (margin > 0 ? 1 : 0)), scores: scores.map(sigmoid) };
}

/** The value of the leaf that the row beginning at `at` falls into. */
export function leafOf(tree: Tree, matrix: Float32Array, at: number): number {
  let node = 0;
  for (let left = tree.left[0] as number; left >= 0; left = tree.left[node] as number) {
    const value = matrix[at + (tree.input[node] as number)] as number;
    const goesLeft = Number.isNaN(value) ? tree.missingLeft[node] === 1 : value <= (tree.threshold[node] as number);
    node = goesLeft ? left : (tree.right[node] as number);
  }
  return tree.value[node] as number;
}

export function sigmoid(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}
