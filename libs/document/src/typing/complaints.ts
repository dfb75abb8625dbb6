import type { Problem } from '@penstock/kernel';
import type { DocumentPath } from '../reading/places.ts';

/** Something that is wrong at a place of a document. */
export interface Fault {
  readonly path: DocumentPath;
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
  /** Where in the text that stands at the path. */
  readonly offset?: number;
  /** True where the key is meant, not what stands behind it. */
  readonly isOfKey?: boolean;
}

export interface Complaints {
  add(fault: Fault): void;
}

/** A refused expression, at its place in the document. */
export function faultOf(problem: Problem, path: DocumentPath): Fault {
  const { offset, suggestion } = problem.facts;
  return {
    path,
    code: 'document.expression',
    message: problem.message,
    ...(typeof offset === 'number' ? { offset } : {}),
    ...(typeof suggestion === 'string' ? { suggestion } : {}),
  };
}
