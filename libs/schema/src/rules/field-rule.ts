import type { Rule } from './contract.ts';
import { type Awaitable, type FieldFacts, type FieldRule, skipped } from './executor.ts';
import { DiscreetFailure } from './passage.ts';

/** A scalar of a record that stands in a field, and how it is replaced. */
export interface FieldSite {
  readonly value: unknown;
  readonly facts: FieldFacts;
  set(value: unknown): void;
}

/** The scalars of a record, wherever its schema has them. Throws where it cannot be said what the schema means by a part of it. */
export type FindSites = (record: unknown) => readonly FieldSite[];

/**
 * Runs a rule on the fields of a record that it means, and answers whether the record, which is changed in place, became another. Nothing is
 * changed before all fields have been looked at, nor where one of them fails.
 */
export function runOnFields(rule: Rule, field: FieldRule, find: FindSites): (record: unknown) => Awaitable<boolean> {
  return (record) => {
    const found = find(record).filter(({ facts }) => isMeant(rule, facts.tags));
    const results: unknown[] = [];
    const running = runFrom(field, found, results);
    const finish = (): boolean => (rule.kind === 'CONDITION' ? judge(found, results) : change(found, results));
    return running === null ? finish() : running.then(finish);
  };
}

export function isMeant({ tags }: Rule, found: readonly string[]): boolean {
  return tags.length === 0 || tags.some((tag) => found.includes(tag));
}

/** A promise only while one of the answers is waited for. */
function runFrom(field: FieldRule, sites: readonly FieldSite[], results: unknown[]): Promise<void> | null {
  for (let index = results.length; index < sites.length; index += 1) {
    const { value, facts } = sites[index] as FieldSite;
    const result = field.run(value, facts);
    if (result instanceof Promise)
      return result.then((answer) => {
        results.push(answer);
        return runFrom(field, sites, results) ?? undefined;
      });
    results.push(result);
  }
  return null;
}

function judge(sites: readonly FieldSite[], results: readonly unknown[]): false {
  const refused = sites.find((_, index) => results[index] !== true && results[index] !== skipped);
  if (refused !== undefined) throw new DiscreetFailure(`${refused.facts.fullName} does not hold`);
  return false;
}

function change(sites: readonly FieldSite[], results: readonly unknown[]): boolean {
  const changing = sites.flatMap((site, index) => {
    const after = results[index];
    return after === skipped || after === site.value ? [] : [{ site, after }];
  });
  const done: FieldSite[] = [];
  try {
    for (const { site, after } of changing) {
      site.set(after);
      done.push(site);
    }
  } catch (thrown) {
    for (const site of done.reverse()) site.set(site.value);
    throw thrown;
  }
  return changing.length > 0;
}
