import { z } from 'zod';

export const hampelConfig = z.strictObject({
  field: z.string().min(1).describe('The field whose spikes are looked for'),
  windowMs: z.int().min(1).max(86_400_000).describe("How far back in event time a value's neighbours reach, for each key"),
  thresholdMad: z
    .number()
    .positive()
    .max(100)
    .default(3)
    .describe('Scaled median absolute deviations from the median beyond which a value is a spike'),
  action: z
    .enum(['replace', 'null', 'reject'])
    .default('replace')
    .describe('What becomes of a spike: the median, no value, or a dead letter of its record'),
});

export type HampelConfig = z.output<typeof hampelConfig>;
