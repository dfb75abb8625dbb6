import { z } from 'zod';

/** One schema that others name: a file, what is registered, or a file to be registered under a subject of its own. */
export const referencedLanguage = z
  .strictObject({
    file: z
      .string()
      .regex(/^[^#\s]+\.(proto|avsc|json)$/, {
        error: ({ input }) => `expected a file that ends in .proto, .avsc or .json, got ${JSON.stringify(input)}`,
      })
      .optional()
      .describe('The file that says it, from the document on; it is registered before what refers to it'),
    subject: z.string().min(1).max(1_024).optional().describe('The subject that it is registered under; else the name itself'),
    version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('Which version of what is registered; else the latest, as it is when the document is applied'),
  })
  .refine(({ file, version }) => file === undefined || version === undefined, {
    error: 'a file says itself what its version holds: name either',
    path: ['version'],
  });

export type ReferencedLanguage = z.output<typeof referencedLanguage>;
