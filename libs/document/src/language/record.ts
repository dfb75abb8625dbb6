import { z } from 'zod';
import { celExpression, fieldName, schemaReference } from './names.ts';

/** What is read from devices: its schema, its time, its key, its identity. */
export const recordLanguage = z.strictObject({
  schema: schemaReference.describe('The file of the schema, from the document on, and the message in it'),
  eventTime: z
    .strictObject({
      field: fieldName.describe('Holds the time, in milliseconds since the epoch or as a Timestamp'),
      aheadMsMax: z
        .int()
        .min(0)
        .max(86_400_000)
        .default(300_000)
        .describe('A record further in the future than this is rejected: the clock of its device is wrong'),
    })
    .describe('When it was measured'),
  key: celExpression.describe('CEL, a string: order, state and partition follow it'),
  identity: celExpression
    .optional()
    .describe('CEL, a string: by it a repeated delivery is known; without it the promise is: at least once'),
});

export type RecordLanguage = z.output<typeof recordLanguage>;
