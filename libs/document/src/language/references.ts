import { z } from 'zod';

/** `${env:NAME}` or `${file:PATH}`: how a document names what it must not contain. */
export const referencePattern = /\$\{(env:[A-Za-z_][A-Za-z0-9_]*|file:[^{}$]+)\}/g;

/** True for a text with at least one reference in it. */
export function holdsReference(text: string): boolean {
  return text.search(referencePattern) >= 0;
}

/** What is left when all well-formed references are taken away. */
export function withoutReferences(text: string): string {
  return text.replaceAll(referencePattern, '');
}

/** An address: as its component wants it, or with references in it. A password in plain sight is refused. */
export function addressOrReference(address: z.ZodType<string>): z.ZodType<string, string> {
  return z
    .string()
    .superRefine((text, context) => {
      if (text.includes('${')) return; // well formed or not: references are judged for the whole document
      const parsed = address.safeParse(text);
      if (!parsed.success) for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
      else if (/:\/\/[^/@]*:[^/@]+@/.test(text)) context.addIssue({ code: 'custom', message: plainSecret });
    })
    .describe(address.description ?? '');
}

const plainSecret = 'a password stands in the document: write a reference such as ${env:NAME} for the whole address';

/** A secret is always a reference. */
export const secret = z
  .string()
  .refine(holdsReference, { error: () => 'a secret stands in the document: write a reference such as ${env:NAME}' });
