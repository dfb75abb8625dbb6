import { plainName } from '@penstock/registry';
import type { Query } from '../rest/request.ts';
import type { Action } from './grants.ts';
import type { Need } from './need.ts';

/** What a request over REST says before its body is read, and after. */
export interface RestQuestion {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
}

/** What a path demands of its caller. */
export interface RestRight {
  /** Null: nothing, not even a name. */
  readonly need: ((question: RestQuestion) => Need) | null;
  /** The handler shows what the caller may see, and no more. */
  readonly filtered?: boolean;
  readonly isChange?: boolean;
  /** What reading takes in front of another registry, whose answer is passed on without a look at what is in it. */
  readonly unseen?: (question: RestQuestion) => Need;
}

/** In front of another registry names come as they were written. */
export function onSubject(action: Action): (question: RestQuestion) => Need {
  return ({ params }) => ({ action, on: { subject: plainName(params['subject'] ?? '') } });
}

/** Given twice, the stricter reading counts, whichever of them the handler takes. */
export function given(query: Query, name: string): readonly string[] {
  return [query[name] ?? []].flat();
}

export function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}

/** Refused to all but those who may do everything: what is not declared, too. */
export const undeclared: RestRight = { need: () => ({ action: 'configure', on: 'everything' }), isChange: true };
