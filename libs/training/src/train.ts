import { setImmediate as breathe } from 'node:timers/promises';
import { createRandom, type Random } from '@penstock/kernel';
import { type BinnedColumn, binColumn } from './bins.ts';
import { checkDataset, sliceRows, type TrainingSet, toMatrix } from './dataset.ts';
import { type Forest, leafOf, type Tree } from './forest.ts';
import { growTree } from './grow.ts';
import { type Loss, losses } from './loss.ts';
import type { TreeParams } from './params.ts';

export interface TrainingRun {
  readonly params: TreeParams;
  /** Decides which rows and columns each tree sees, where not all. */
  readonly seed: number;
  /** Looked at between trees. */
  readonly signal?: AbortSignal;
  /** Told after each tree, and what the mean loss is on the rows that judge (of the rows trained on, where none are held back). */
  readonly grown?: (trees: number, loss: number) => void;
}

/**
 * Gradient-boosted trees over histograms (Friedman, Greedy function approximation, 2001; Ke et al., LightGBM, 2017). The same
 * set, parameters and seed give the same forest to the bit. Gives other work a turn between trees.
 */
export async function trainTrees(dataset: TrainingSet, run: TrainingRun): Promise<Forest> {
  checkDataset(dataset, run.params.objective);
  const { earlyStopping } = run.params;
  if (earlyStopping === null) return boost(dataset, null, run);
  const rows = dataset.labels.length;
  const cut = Math.max(1, Math.floor(rows * (1 - earlyStopping.fraction)));
  const { trees } = await boost(sliceRows(dataset, 0, cut), sliceRows(dataset, cut, rows), run);
  return boost(dataset, null, { ...run, params: { ...run.params, treesMax: Math.max(1, trees.length) } });
}

/** Adds tree after tree; with rows that judge, until they see no improvement, and keeps the trees up to the best moment. */
async function boost(dataset: TrainingSet, judging: TrainingSet | null, run: TrainingRun): Promise<Forest> {
  const { params } = run;
  const loss = losses[params.objective];
  const random = createRandom(run.seed);
  const columns = dataset.columns.map((column) => binColumn(column, params.binsMax));
  const baseValue = Math.fround(loss.baseValue(meanOf(dataset)));
  const learner = new Margins(dataset, loss, baseValue);
  const judge = judging === null ? learner : new Margins(judging, loss, baseValue);
  const trees: Tree[] = [];
  let best = { trees: 0, loss: judge.meanLoss() };
  while (trees.length < params.treesMax) {
    run.signal?.throwIfAborted();
    const tree = growTree(
      { columns, derivatives: learner.derivatives(), ...draw(columns, learner.rows, { params, random }) },
      params,
    );
    trees.push(tree);
    learner.add(tree);
    if (judge !== learner) judge.add(tree);
    const now = judge.meanLoss();
    run.grown?.(trees.length, now);
    if (now < best.loss) best = { trees: trees.length, loss: now };
    else if (judging !== null && trees.length - best.trees >= (params.earlyStopping?.patience ?? 0)) break;
    await breathe();
  }
  return {
    objective: params.objective,
    inputs: columns.length,
    baseValue,
    trees: judging === null ? trees : trees.slice(0, best.trees),
  };
}

/** Where each row of a set stands after the trees so far. */
class Margins {
  readonly rows: Int32Array;
  readonly #matrix: Float32Array;
  readonly #inputs: number;
  readonly #labels: Float64Array;
  readonly #weights: Float64Array;
  readonly #margins: Float64Array;
  readonly #loss: Loss;

  constructor({ columns, labels, weights }: TrainingSet, loss: Loss, baseValue: number) {
    this.#matrix = toMatrix(columns);
    this.#inputs = columns.length;
    this.#labels = labels;
    this.#weights = weights ?? new Float64Array(labels.length).fill(1);
    this.#margins = new Float64Array(labels.length).fill(baseValue);
    this.#loss = loss;
    this.rows = Int32Array.from(labels.keys()).filter((row) => this.#weights[row] !== 0);
  }

  add(tree: Tree): void {
    for (let row = 0; row < this.#margins.length; row += 1) {
      this.#margins[row] = (this.#margins[row] as number) + leafOf(tree, this.#matrix, row * this.#inputs);
    }
  }

  derivatives(): { gradients: Float64Array; hessians: Float64Array } {
    const gradients = this.#margins.map((margin, row) => this.#weightOf(row) * this.#loss.gradient(margin, this.#labelOf(row)));
    const hessians = this.#margins.map((margin, row) => this.#weightOf(row) * this.#loss.hessian(margin));
    return { gradients, hessians };
  }

  meanLoss(): number {
    let total = 0;
    let weights = 0;
    for (const row of this.rows) {
      total += this.#weightOf(row) * this.#loss.value(this.#margins[row] as number, this.#labelOf(row));
      weights += this.#weightOf(row);
    }
    return total / weights;
  }

  #labelOf(row: number): number {
    return this.#labels[row] as number;
  }

  #weightOf(row: number): number {
    return this.#weights[row] as number;
  }
}

function meanOf({ labels, weights }: TrainingSet): number {
  let total = 0;
  let sum = 0;
  labels.forEach((label, row) => {
    const weight = weights?.[row] ?? 1;
    total += weight * label;
    sum += weight;
  });
  return total / sum;
}

/** The rows and columns that the next tree sees. */
function draw(
  columns: readonly BinnedColumn[],
  rows: Int32Array,
  { params, random }: { params: TreeParams; random: Random },
): { rows: Int32Array; chosen: number[] } {
  const chosen = sample(Int32Array.from(columns.keys()), params.columnFraction, random);
  return { rows: sample(rows, params.rowFraction, random), chosen: [...chosen] };
}

/** A part of the values, in their order: each of the remaining ones has the same chance (selection sampling, Knuth 3.4.2 S). */
function sample(values: Int32Array, fraction: number, random: Random): Int32Array {
  if (fraction === 1) return values;
  let wanted = Math.max(1, Math.round(values.length * fraction));
  let left = values.length;
  return values.filter(() => {
    const taken = random() * left < wanted;
    left -= 1;
    if (taken) wanted -= 1;
    return taken;
  });
}
