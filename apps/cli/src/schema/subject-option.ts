import type { Options } from '../command-line/command.ts';
import { wrongUsage } from '../command-line/problems.ts';

export const subjectOption = {
  subject: { type: 'string', short: 's', value: 'subject', says: 'the subject, such as rooms.raw-value' },
} as const satisfies Options;

export function requireSubject({ subject }: { readonly subject: string | undefined }): string {
  if (subject !== undefined && subject !== '') return subject;
  throw wrongUsage('--subject is missing: it names what the schema is a version of, such as rooms.raw-value');
}
