import { isVisible, seesAll } from './caller.ts';
import type { Action, Grants } from './grants.ts';
import { denied } from './problems.ts';

/** What a question is about: one subject, one pipeline, everything, or nothing in particular. */
export type Concern = { readonly subject: string } | { readonly pipeline: string } | 'everything' | 'anything';

/** What a caller must have a right to. */
export interface Need {
  readonly action: Action;
  readonly on: Concern;
  /** Subjects that show through: those that a schema refers to, and those that another name stands for. */
  readonly reads?: readonly string[];
}

/** Throws `access.denied`, in the words of Confluent's registry. */
export function demand(grants: Grants, need: Need): void {
  if (!isMet(grants, need))
    throw denied(`User is denied operation ${need.action} on ${describe(need.on)}`, { facts: factsOf(need) });
  const hidden = need.reads?.find((subject) => !grants.may('read', subject));
  if (hidden !== undefined)
    throw denied(`User is denied operation read on ${describe({ subject: hidden })}`, { facts: { subject: hidden } });
}

function isMet(grants: Grants, { action, on }: Need): boolean {
  if (on === 'everything') return grants.mayEverywhere(action);
  if (on === 'anything') return grants.maySomewhere(action);
  return 'subject' in on ? grants.may(action, on.subject) : grants.mayPipeline(action, on.pipeline);
}

/**
 * What an id stands for is shown to whoever may read one of the subjects that use it. Throws `access.denied`: a reader that is told
 * that there is no such schema would take its records for spoiled.
 */
export function demandOneOf(users: Iterable<{ readonly subject: string }>, id: number): void {
  if (seesAll()) return;
  for (const { subject } of users) if (isVisible(subject)) return;
  throw denied(`User is denied operation read on Schema: ${id}`, { facts: { id } });
}

function describe(on: Concern): string {
  if (typeof on === 'string') return 'Server';
  return 'subject' in on ? `Subject: ${on.subject}` : `Pipeline: ${on.pipeline}`;
}

function factsOf({ action, on }: Need): Readonly<Record<string, string>> {
  return { action, ...(typeof on === 'string' ? {} : on) };
}
