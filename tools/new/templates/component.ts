import type { Names } from '../names.ts';

export type Files = Readonly<Record<string, string>>;

export const problems = ({ kebab }: Names): string => `
import { defineProblem } from '@penstock/kernel';

/** The record itself is at fault: it goes to the dead letters. */
export const badRecord = defineProblem({ code: '${kebab}.bad-record', status: 'INVALID_ARGUMENT', remedy: 'reject' });
`;

/** For components that speak to something outside of the process. */
export const endProblems = ({ kebab }: Names): string => `
import { defineProblem } from '@penstock/kernel';

/** What the component needs is away: the engine waits and tries again. */
export const away = defineProblem({ code: '${kebab}.away', status: 'UNAVAILABLE', remedy: 'retry' });
`;
