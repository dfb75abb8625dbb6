import { type BinnedColumn, missingCode } from './bins.ts';
import type { Tree } from './forest.ts';
import { buildHistogram, type Derivatives, type GradientHistogram, subtract } from './histogram.ts';
import type { TreeParams } from './params.ts';
import { findSplit, leafValue, type Split, type Sums } from './split.ts';

export interface Ground {
  readonly columns: readonly BinnedColumn[];
  /** The columns that this tree may decide by. */
  readonly chosen: readonly number[];
  readonly derivatives: Derivatives;
  /** The rows that this tree learns from. */
  readonly rows: Int32Array;
}

interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly rows: Int32Array;
  readonly sums: Sums;
  readonly histogram: GradientHistogram;
  readonly split: Split | null;
}

/** Grows one tree leaf-wise: the leaf whose split gains most is parted next (Shi, Best-first decision tree learning, 2007). */
export function growTree(ground: Ground, params: TreeParams): Tree {
  const nodes = new Nodes();
  const histogram = buildHistogram(ground.columns, ground.derivatives, ground.rows);
  const root = { node: nodes.add(), depth: 0, rows: ground.rows, sums: sumOf(ground), histogram };
  let leaves: Leaf[] = [withSplit(root, ground, params)];
  while (leaves.length < params.leavesMax) {
    const best = bestOf(leaves);
    if (best === null) break;
    leaves = [...leaves.filter((leaf) => leaf !== best), ...part(best, { ground, params, nodes })];
  }
  for (const { node, sums } of leaves) nodes.setValue(node, leafValue(sums, params.l2) * params.learningRate);
  return nodes.tree();
}

type PartableLeaf = Leaf & { readonly split: Split };

/** Leaves that cannot be parted have no split; of two equal ones the older is taken. */
function bestOf(leaves: readonly Leaf[]): PartableLeaf | null {
  const partable = leaves.filter((leaf): leaf is PartableLeaf => leaf.split !== null);
  return partable.reduce<PartableLeaf | null>(
    (best, leaf) => (best === null || leaf.split.gain > best.split.gain ? leaf : best),
    null,
  );
}

function part(leaf: PartableLeaf, { ground, params, nodes }: { ground: Ground; params: TreeParams; nodes: Nodes }): Leaf[] {
  const { split, depth } = leaf;
  const sides = partRows(leaf.rows, ground.columns[split.column] as BinnedColumn, split);
  const smaller = sides.left.length <= sides.right.length ? 'left' : 'right';
  const built = buildHistogram(ground.columns, ground.derivatives, sides[smaller]);
  const other = subtract(leaf.histogram, built);
  const [left, right] = smaller === 'left' ? [built, other] : [other, built];
  const children = nodes.part(leaf.node, split);
  return [
    withSplit({ node: children.left, depth: depth + 1, rows: sides.left, sums: split.left, histogram: left }, ground, params),
    withSplit({ node: children.right, depth: depth + 1, rows: sides.right, sums: split.right, histogram: right }, ground, params),
  ];
}

function withSplit(leaf: Omit<Leaf, 'split'>, { columns, chosen }: Ground, params: TreeParams): Leaf {
  if (leaf.depth >= params.depthMax || leaf.rows.length < 2 * params.leafRowsMin) return { ...leaf, split: null };
  const candidates = chosen.map((index) => ({ index, column: columns[index] as BinnedColumn }));
  return { ...leaf, split: findSplit(leaf, candidates, params) };
}

/** Both sides keep the order of the rows. How many go left is known from the histogram. */
function partRows(rows: Int32Array, { codes }: BinnedColumn, split: Split): { left: Int32Array; right: Int32Array } {
  const left = new Int32Array(split.left.rows);
  const right = new Int32Array(split.right.rows);
  let lefts = 0;
  let rights = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number;
    const code = codes[row] as number;
    const goesLeft = code === missingCode ? split.missingLeft : code <= split.code;
    if (goesLeft) left[lefts++] = row;
    else right[rights++] = row;
  }
  return { left, right };
}

function sumOf({ rows, derivatives }: Ground): Sums {
  let gradient = 0;
  let hessian = 0;
  for (const row of rows) {
    gradient += derivatives.gradients[row] as number;
    hessian += derivatives.hessians[row] as number;
  }
  return { gradient, hessian, rows: rows.length };
}

/** The nodes of a tree while it grows. */
class Nodes {
  readonly #input: number[] = [];
  readonly #threshold: number[] = [];
  readonly #missingLeft: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #value: number[] = [];

  add(): number {
    this.#input.push(0);
    this.#threshold.push(0);
    this.#missingLeft.push(0);
    this.#left.push(-1);
    this.#right.push(-1);
    return this.#value.push(0) - 1;
  }

  part(node: number, split: Split): { left: number; right: number } {
    const children = { left: this.add(), right: this.add() };
    this.#input[node] = split.column;
    this.#threshold[node] = split.threshold;
    this.#missingLeft[node] = split.missingLeft ? 1 : 0;
    this.#left[node] = children.left;
    this.#right[node] = children.right;
    return children;
  }

  setValue(node: number, value: number): void {
    this.#value[node] = value;
  }

  tree(): Tree {
    return {
      input: Int32Array.from(this.#input),
      threshold: Float32Array.from(this.#threshold),
      missingLeft: Uint8Array.from(this.#missingLeft),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      value: Float32Array.from(this.#value),
    };
  }
}
