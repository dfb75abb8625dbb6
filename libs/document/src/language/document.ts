import { z } from 'zod';
import { fromLanguage, toLanguage } from './ends.ts';
import { plainName, schemaReference, topicName } from './names.ts';
import { recordLanguage } from './record.ts';
import { retrainLanguage } from './retrain.ts';
import { referencedLanguage } from './schemas.ts';
import { stepLanguage } from './steps.ts';

export const partitionsDefault = 4;
export const retentionMsDefault = 604_800_000;

const topicLanguage = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe(`How many parts; else ${partitionsDefault}. It cannot change later: keys would move`),
  retentionMs: z
    .int()
    .min(-1)
    .refine((ms) => ms !== 0, { error: 'expected milliseconds, or -1 for ever, got 0' })
    .default(retentionMsDefault)
    .describe('How long records are kept, in milliseconds; -1: for ever'),
  batchBytesMax: z
    .int()
    .min(1_024)
    .max(104_857_600)
    .optional()
    .describe("The largest batch of records; else the broker's default"),
  external: z.boolean().default(false).describe('True: somebody else writes it, and it is not created'),
  schema: schemaReference.optional().describe('Of an external topic, unless its subject is registered'),
});

const stageLanguage = z.strictObject({
  record: recordLanguage.optional().describe('The record of this stage, where it is another than that of the pipeline'),
  from: fromLanguage.describe('Where records come from'),
  via: z.array(stepLanguage).max(32).default([]).describe('What happens to them, in this order'),
  to: toLanguage.describe('Where they go'),
});

/** The language of pipeline documents, version 1. */
export const documentLanguage = z
  .strictObject({
    pipeline: plainName.describe('The name of the pipeline'),
    document: z.literal(1).describe('The version of this language'),
    record: recordLanguage.optional().describe('What devices send'),
    schemas: z
      .record(z.string().min(1).max(1_024), referencedLanguage)
      .default({})
      .describe('What schemas refer to, by the names by which they do, where that is no file beside them'),
    topics: z.record(topicName, topicLanguage).default({}).describe('Settings of topics, where they are others than usual'),
    errors: z
      .strictObject({
        rejected: z
          .enum(['deadLetter'], {
            error: ({ input }) =>
              input === 'stop'
                ? 'stop is not in this build: choose deadLetter, and watch what arrives there'
                : `expected deadLetter, got ${JSON.stringify(input)}`,
          })
          .default('deadLetter')
          .describe(
            'What becomes of a record that cannot be taken: it goes to `<pipeline>.dead`, as it came and with the reason',
          ),
      })
      .default({ rejected: 'deadLetter' })
      .describe('What becomes of records that cannot be taken'),
    stages: z
      .record(plainName, stageLanguage)
      .refine((stages) => Object.keys(stages).length > 0, { error: 'expected at least one stage' })
      .describe('The stages, in any order: what reads a topic follows what writes it'),
    retrain: retrainLanguage.optional().describe('How the model is trained anew'),
  })
  .meta({ title: 'A Penstock pipeline' });

/** A document with its defaults filled in; references are still references. */
export type ParsedDocument = z.output<typeof documentLanguage>;
export type ParsedStage = ParsedDocument['stages'][string];
export type ParsedTopic = z.output<typeof topicLanguage>;
