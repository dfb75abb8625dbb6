import type { Names } from '../names.ts';

export type Files = Readonly<Record<string, string>>;

export const config = ({ pascal, camel }: Names): string => `
import { z } from 'zod';

/** Every setting says what it means; from here come validation, messages, completion and the reference page. */
export const ${camel}Config = z.strictObject({
  field: z.string().min(1).describe('The field that is looked at'),
});

export type ${pascal}Config = z.output<typeof ${camel}Config>;
`;

export const problems = ({ kebab }: Names): string => `
import { defineProblem } from '@penstock/kernel';

/** The record itself is at fault: it goes to the dead letters. */
export const badRecord = defineProblem({ code: '${kebab}.bad-record', status: 'INVALID_ARGUMENT', remedy: 'reject' });

/** Something that the component needs is away: the engine waits and tries again. */
export const away = defineProblem({ code: '${kebab}.away', status: 'UNAVAILABLE', remedy: 'retry' });
`;
