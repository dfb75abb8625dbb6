import { z } from 'zod';

const range = z
  .tuple([z.number(), z.number()], { error: 'expected the least and the greatest value: [0, 100]' })
  .refine(([min, max]) => min <= max, { error: ({ input }) => `expected the lesser bound first, got ${JSON.stringify(input)}` });

export const validateConfig = z.strictObject({
  ranges: z
    .record(z.string(), range)
    .refine((ranges) => Object.keys(ranges).length > 0, { error: 'expected at least one field with its range' })
    .describe('The least and the greatest value of each field, in its own unit'),
});

export type ValidateConfig = z.output<typeof validateConfig>;
