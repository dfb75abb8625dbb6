import { z } from 'zod';

const modelName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, {
  error: ({ input }) => `expected a name in lower case, such as occupancy, got ${JSON.stringify(input)}`,
});

export const predictConfig = z.strictObject({
  model: modelName.describe('The name of the model'),
  alias: modelName
    .default('production')
    .describe('Which of its versions: the one that the alias points at, from one batch to the next'),
  input: z.array(z.string()).min(1).max(1_024).describe("Fields that are the model's inputs, in its order"),
  answer: z
    .enum(['class', 'value'])
    .default('class')
    .describe('What the model answers: a class, which is a whole number, or a value'),
});

export type PredictConfig = z.output<typeof predictConfig>;
