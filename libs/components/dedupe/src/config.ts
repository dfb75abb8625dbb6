import { z } from 'zod';

export const dedupeConfig = z.strictObject({
  windowMs: z
    .int()
    .min(1)
    .max(604_800_000)
    .describe('How far back in event time an id is remembered, for each device on its own'),
});

export type DedupeConfig = z.output<typeof dedupeConfig>;
