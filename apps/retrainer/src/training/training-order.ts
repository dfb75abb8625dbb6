import type { Facts, ProblemKind } from '@penstock/kernel';
import type { Parity } from '@penstock/training';
import type { Gate } from './gate.ts';
import type { Metrics } from './metrics.ts';
import type { Recipe } from './recipes.ts';

/** Where the steps of a run leave files for each other. */
export interface Folders {
  readonly datasets: string;
  readonly models: string;
  readonly references: string;
}

/** What a training thread is asked for: plain data that names files by their hashes. */
export interface TrainingOrder {
  readonly folders: Folders;
  readonly datasetSha256: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly metric: Gate['metric'];
  readonly sinceMs: number | null;
  /** The file with what ordinary days look like to the model in service. */
  readonly championReferenceSha256: string | null;
}

/** What a training thread answers. */
export interface Trained {
  readonly recipe: Recipe;
  /** The row from which on the rows judge. */
  readonly cut: number;
  readonly judgedSha256: string;
  readonly modelSha256: string;
  readonly referenceSha256: string | null;
  readonly parity: Parity;
  readonly candidates: readonly { readonly recipe: Recipe; readonly metrics: Metrics }[];
  readonly baselines: Metrics;
}

export type ThreadNews =
  | { readonly doing: string }
  | { readonly trained: Trained }
  | { readonly problem: { readonly kind: ProblemKind; readonly message: string; readonly facts: Facts } };
