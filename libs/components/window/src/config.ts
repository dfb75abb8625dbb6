import { z } from 'zod';
import { aggregateKinds } from './aggregates.ts';

const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, {
  error: ({ input }) => `expected a name in camelCase, got ${JSON.stringify(input)}`,
});

export const windowConfig = z.strictObject({
  tumblingMs: z.int().min(1).max(86_400_000).describe('Length of a window; windows begin at multiples of it since the epoch'),
  latenessMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(0)
    .describe("How far a key's newest event time must be past the end of a window before the window closes"),
  idleMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .default(60_000)
    .describe('How long a key is silent, while all that is stored has been read, before its windows close without it'),
  compute: z
    .record(name, z.string().describe('An aggregate over a CEL expression'))
    .refine((fields) => Object.keys(fields).length > 0, { error: 'expected at least one field with its aggregate' })
    .describe(`Fields and their aggregates, such as mean(co2Ppm): ${aggregateKinds.join(', ')}`),
});

export type WindowConfig = z.output<typeof windowConfig>;
