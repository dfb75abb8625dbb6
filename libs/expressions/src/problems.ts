import { defineProblem, type Problem } from '@penstock/kernel';

/** An expression that cannot be read, does not type, or uses what is not compiled. Its facts: `offset`, maybe `suggestion`. */
export const refusedExpression = defineProblem({ code: 'expressions.refused', status: 'INVALID_ARGUMENT', remedy: 'stop' });

/** Where in the text, and the word or conversion to write instead. */
export interface Complaint {
  readonly offset: number;
  readonly suggestion?: string | null;
}

export function refuse(message: string, { offset, suggestion }: Complaint): Problem {
  return refusedExpression(message, { facts: { offset, ...(suggestion ? { suggestion } : {}) } });
}
