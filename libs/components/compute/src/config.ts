import { z } from 'zod';

const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, {
  error: ({ input }) => `expected a name in camelCase, got ${JSON.stringify(input)}`,
});

export const computeConfig = z
  .record(name, z.string().describe('A CEL expression'))
  .refine((fields) => Object.keys(fields).length > 0, { error: 'expected at least one field with its expression' })
  .describe('Fields and their CEL expressions, in order: a later one may use an earlier one');

export type ComputeConfig = z.output<typeof computeConfig>;
