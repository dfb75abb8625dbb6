import { dataServiceConfig } from '@penstock/runner';
import { z } from 'zod';

export const retrainerConfig = dataServiceConfig.extend({
  redis: z.url().describe('The address of Redis, which must not evict: redis://host:port'),
  redisPrefix: z.string().min(1).default('penstock').describe('Stands before every key in Redis'),
  modelsTopic: z.string().min(1).default('penstock.models').describe('The topic that holds the catalogue of models'),
  retrainFolder: z
    .string()
    .min(1)
    .default('.penstock/retrainer')
    .describe('Where datasets and models of runs under way are kept'),
  trainingsMax: z.coerce.number().int().min(1).max(64).default(1).describe('Trainings at a time'),
  retrainLockMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(6_000)
    .describe('How long a step waits for a process that died with it'),
  recordsMax: z.coerce.number().int().positive().default(2_000_000).describe('Records that one dataset may span'),
  retrainPollMs: z.coerce
    .number()
    .int()
    .min(50)
    .default(1_000)
    .describe('How often topics are looked at for new days and labels'),
});

export type RetrainerConfig = z.output<typeof retrainerConfig>;
