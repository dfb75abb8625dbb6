import { treeParams } from '@penstock/training';
import { z } from 'zod';
import { choiceOf } from './choice.ts';
import { fieldName, plainName, topicName } from './names.ts';

const fraction = z.number().min(0).max(1);
const cron = z.string().regex(/^\S+( \S+){4}$/, {
  error: ({ input }) => `expected five fields as in cron, such as "0 3 * * *", got ${JSON.stringify(input)}`,
});

const trigger = choiceOf({
  schedule: cron.describe('At these times, in UTC'),
  drift: z
    .strictObject({ calibrated: z.literal(true).describe('Thresholds come from the time before, whole days at a time') })
    .describe('When inputs, scores or errors are no longer distributed as in the data of the model'),
  metric: choiceOf({
    accuracyBelow: fraction,
    balancedAccuracyBelow: fraction,
    aucBelow: fraction,
  }).describe('When labels say that the model has become worse than this'),
  newRows: z.int().min(1).describe('When so many rows have got a label since the last training'),
});

/** How a model is trained anew. */
export const retrainLanguage = z.strictObject({
  model: plainName.describe('The model; a stage predicts with it'),
  dataset: z
    .strictObject({
      features: topicName.describe('Holds the records that the model is asked about'),
      labels: topicName.describe('Holds what was true'),
      withinMs: z
        .int()
        .min(0)
        .max(604_800_000)
        .describe('A record gets the label of its key that is nearest in event time, at most this far away'),
    })
    .describe('What to learn from'),
  trainer: z
    .strictObject({
      kind: z.enum(['gradient-boosted-trees']).describe('What is trained'),
      target: fieldName.describe('The field of a label that is to be predicted'),
      seed: z.int().min(0).default(1).describe('The same data, settings and seed give the same model'),
      params: treeParams.prefault({}).describe('Settings of the trainer'),
    })
    .describe('What learns'),
  when: z.array(trigger).min(1).describe('What sets a training off, besides somebody who asks for one'),
  gate: z
    .strictObject({
      metric: z.enum(['auc', 'accuracy', 'balancedAccuracy']).describe('Judged on the newest rows, which are not learnt from'),
      atLeast: fraction.describe('Below this nothing is promoted'),
      notWorseThanChampion: z.boolean().default(true).describe('Nor anything below the version that is served now'),
    })
    .describe('What a new version must reach to be promoted'),
});

export type RetrainLanguage = z.output<typeof retrainLanguage>;
