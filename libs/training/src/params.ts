import { z } from 'zod';
import { binsLimit } from './bins.ts';
import { badParams } from './problems.ts';

/**
 * What can be chosen about a training run. The defaults suit some thousands of minutes of sensor means: neighbouring rows know
 * much of each other, so trees are small and leaves large.
 */
export const treeParams = z.strictObject({
  objective: z.enum(['binary', 'regression']).default('binary').describe('Log loss on labels 0 and 1, or squared error'),
  treesMax: z.int().min(1).max(5000).default(100).describe('Trees to grow, or fewer when training stops early'),
  learningRate: z.number().positive().max(1).default(0.1).describe('How much of what a tree has learnt is added'),
  leavesMax: z.int().min(2).max(1024).default(4).describe('Leaves of one tree'),
  depthMax: z.int().min(1).max(64).default(12).describe('Decisions from root to leaf'),
  leafRowsMin: z.int().min(1).default(50).describe('Rows in a leaf'),
  leafHessianMin: z.number().min(0).default(1e-3).describe('Sum of second derivatives in a leaf'),
  gainMin: z.number().min(0).default(0).describe('Fall of the loss that a split must bring'),
  l2: z.number().min(0).default(1).describe('Pulls the values of leaves towards 0'),
  binsMax: z.int().min(2).max(binsLimit).default(binsLimit).describe('Bins of a column; values in one bin are not told apart'),
  rowFraction: z.number().positive().max(1).default(1).describe('Rows drawn for each tree'),
  columnFraction: z.number().positive().max(1).default(1).describe('Columns drawn for each tree'),
  earlyStopping: z
    .strictObject({
      fraction: z.number().positive().max(0.5).default(0.2).describe('The newest rows, held back to judge the others'),
      patience: z.int().min(1).default(20).describe('Trees without an improvement after which training stops'),
    })
    .nullable()
    .default(null)
    .describe('Finds the number of trees on the newest rows, then trains that many on all rows'),
});

export type TreeParams = z.output<typeof treeParams>;

/** Fills in the defaults and throws for what no trainer can do. */
export function parseTreeParams(params: z.input<typeof treeParams> = {}): TreeParams {
  const parsed = treeParams.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badParams(`trainer › ${issue?.path.join('.')}: ${issue?.message}`);
}
