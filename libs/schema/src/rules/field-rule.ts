import { isReflectMessage, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import type { Rule } from './contract.ts';
import { type Awaitable, type FieldFacts, type FieldRule, skipped } from './executor.ts';
import type { FieldPlace, FieldPlaces } from './field-places.ts';

/** A scalar of a record that a rule means, and how it is replaced. */
interface Site {
  readonly value: unknown;
  readonly facts: FieldFacts;
  set(value: unknown): void;
}

/**
 * Runs a rule on the fields of a record that it means, and answers whether the record, which is changed in place, became another. Nothing is
 * changed before all fields have been looked at, nor where one of them fails.
 */
export function runOnFields(rule: Rule, field: FieldRule, places: FieldPlaces): (record: unknown) => Awaitable<boolean> {
  return (record) => {
    const found: Site[] = [];
    new SiteFinder(rule.tags, found).inRecord(record, places, null);
    const results: unknown[] = [];
    const running = runFrom(field, found, results);
    const finish = (): boolean => (rule.kind === 'CONDITION' ? judge(found, results) : change(found, results));
    return running === null ? finish() : running.then(finish);
  };
}

/** A promise only while one of the answers is waited for. */
function runFrom(field: FieldRule, sites: readonly Site[], results: unknown[]): Promise<void> | null {
  for (let index = results.length; index < sites.length; index += 1) {
    const { value, facts } = sites[index] as Site;
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

function judge(sites: readonly Site[], results: readonly unknown[]): false {
  const refused = sites.find((_, index) => results[index] !== true && results[index] !== skipped);
  if (refused !== undefined) throw new TypeError(`${refused.facts.fullName} does not hold`);
  return false;
}

function change(sites: readonly Site[], results: readonly unknown[]): boolean {
  const changing = sites.flatMap((site, index) => {
    const after = results[index];
    return after === skipped || after === site.value ? [] : [{ site, after }];
  });
  const done: Site[] = [];
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

/** Where a value stands: its field, and the record that the field is in. */
interface Standing {
  readonly place: FieldPlace;
  readonly message: unknown;
}

class SiteFinder {
  readonly #tags: readonly string[];
  readonly #found: Site[];

  constructor(tags: readonly string[], found: Site[]) {
    this.#tags = tags;
    this.#found = found;
  }

  /** `outer` is null for the record itself. */
  inRecord(record: unknown, within: FieldPlaces, outer: Standing | null): void {
    if (isReflectMessage(record)) return this.#inMessage(record, within);
    if (!isRecord(record)) return;
    for (const [name, value] of Object.entries(record)) {
      const set = (after: unknown): void => {
        record[name] = after;
      };
      const place = within.get(name);
      if (place !== undefined) this.#visit(value, { place, message: record }, set);
      // What is no field of a record here is an entry of a map, or a branch of a union by its name.
      else if (outer !== null) this.#visit(value, outer, set);
    }
  }

  #visit(value: unknown, standing: Standing, set: Site['set']): void {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      for (const [index, each] of value.entries())
        this.#visit(each, standing, (after) => {
          value[index] = after;
        });
      return;
    }
    const { place, message } = standing;
    if (isReflectMessage(value) || isRecord(value)) return this.inRecord(value, place.inside(), standing);
    const { name, fullName, typeName, tags } = place;
    const isMeant = this.#tags.length === 0 || this.#tags.some((tag) => tags.includes(tag));
    if (typeName !== null && isMeant) this.#found.push({ value, facts: { name, fullName, typeName, tags, message }, set });
  }

  #inMessage(message: ReflectMessage, within: FieldPlaces): void {
    for (const field of message.fields) {
      const place = within.get(field.name);
      if (place === undefined || !message.isSet(field)) continue;
      const standing = { place, message };
      if (field.fieldKind === 'list') this.#inEntries([...message.get(field)].entries(), message.get(field), standing);
      else if (field.fieldKind === 'map') this.#inEntries([...message.get(field)], message.get(field), standing);
      else this.#visit(message.get(field), standing, (after) => message.set(field, fitting(after, place) as never));
    }
  }

  #inEntries<Key>(
    entries: Iterable<readonly [Key, unknown]>,
    into: { set(at: Key, value: unknown): unknown },
    standing: Standing,
  ): void {
    for (const [at, value] of entries) this.#visit(value, standing, (after) => into.set(at, fitting(after, standing.place)));
  }
}

/** Long integers of Protobuf are no numbers. */
function fitting(value: unknown, { typeName }: FieldPlace): unknown {
  return typeName === 'LONG' && typeof value === 'number' ? BigInt(value) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
