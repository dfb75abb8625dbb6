import type { Schema } from '../schema.ts';
import { outlineAvro } from './outline-avro.ts';
import type { OutlineEntry } from './outline-entry.ts';
import { outlineJson } from './outline-json.ts';
import { outlineProtobuf } from './outline-protobuf.ts';

/** What became of one thing that a schema declares. */
export interface SchemaDifference {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** As in the later schema, unless it is gone from there; empty: the schema itself. */
  readonly path: string;
  /** In the order in which they are read. `name` and `place` stand for a new name and another place in the order. */
  readonly aspects: readonly ChangedAspect[];
}

export interface ChangedAspect {
  readonly name: string;
  /** Null: not said. */
  readonly before: string | null;
  readonly after: string | null;
}

interface Match {
  readonly before: OutlineEntry;
  readonly after: OutlineEntry;
}

/**
 * What differs between two schemas, field by field, in the order of the later one. Spelling that means nothing is no difference.
 * A field is the same when its number (Protobuf) or its name (Avro, JSON Schema) is, or an alias of it.
 */
export function diffSchemas(before: Schema, after: Schema): SchemaDifference[] {
  const [earlier, later] = [outlineOf(before), outlineOf(after)];
  const matches = matchEntries(earlier, later);
  const moved = movedIn([...matches.values()]);
  const places = new Map<OutlineEntry, number>(later.map((entry, index) => [entry, index]));
  const placed: { readonly place: number; readonly difference: SchemaDifference }[] = [];
  for (const entry of later) {
    const match = matches.get(entry);
    const difference = match === undefined ? addition(entry) : change(match, moved.has(match));
    if (difference !== null) placed.push({ place: places.get(entry) ?? 0, difference });
  }
  // What is gone stands after what it stood after.
  const partners = new Map([...matches.values()].map((match) => [match.before, match.after]));
  let place = -1;
  for (const entry of earlier) {
    const partner = partners.get(entry);
    if (partner !== undefined) place = places.get(partner) ?? place;
    else placed.push({ place: place + 0.5, difference: removal(entry) });
  }
  return placed.sort((left, right) => left.place - right.place).map(({ difference }) => difference);
}

function outlineOf(schema: Schema): OutlineEntry[] {
  if (schema.format === 'AVRO') return outlineAvro(schema);
  return schema.format === 'PROTOBUF' ? outlineProtobuf(schema) : outlineJson(schema);
}

/** By key; what is left by path, for a type that goes by another name; what is left then by alias. */
function matchEntries(earlier: readonly OutlineEntry[], later: readonly OutlineEntry[]): Map<OutlineEntry, Match> {
  const matches = new Map<OutlineEntry, Match>();
  const left = new Set(earlier);
  const matchBy = (nameOf: (entry: OutlineEntry) => string, namesOf: (entry: OutlineEntry) => readonly string[]): void => {
    const named = new Map([...left].map((entry) => [nameOf(entry), entry]));
    for (const after of later) {
      const before = namesOf(after).flatMap((name) => named.get(name) ?? [])[0];
      if (before === undefined || matches.has(after) || !left.delete(before)) continue;
      matches.set(after, { before, after });
    }
  };
  matchBy(
    ({ key }) => key,
    ({ key }) => [key],
  );
  matchBy(
    ({ path }) => path,
    ({ path }) => [path],
  );
  matchBy(
    ({ path }) => path,
    ({ aliases }) => aliases,
  );
  return matches;
}

/** Those that must be moved for the rest to stand in the order that they had: as few as possible in each order. */
function movedIn(matches: readonly Match[]): Set<Match> {
  const orders = Map.groupBy(matches, ({ before, after }) => (before.order === null ? '' : (after.order?.within ?? '')));
  orders.delete('');
  return new Set([...orders.values()].flatMap((order) => outOfOrder(order)));
}

/** All but a longest rising run of the places before (patience sorting). */
function outOfOrder(matches: readonly Match[]): Match[] {
  const placeBefore = ({ before }: Match): number => before.order?.place ?? 0;
  const ends: Match[] = [];
  const previous = new Map<Match, Match | undefined>();
  for (const match of matches) {
    const length = ends.findLastIndex((end) => placeBefore(end) < placeBefore(match)) + 1;
    previous.set(match, ends[length - 1]);
    ends[length] = match;
  }
  const kept = new Set<Match>();
  for (let match = ends.at(-1); match !== undefined; match = previous.get(match)) kept.add(match);
  return matches.filter((match) => !kept.has(match));
}

function addition({ path, aspects }: OutlineEntry): SchemaDifference {
  return { kind: 'added', path, aspects: [...aspects].map(([name, after]) => ({ name, before: null, after })) };
}

function removal({ path, aspects }: OutlineEntry): SchemaDifference {
  return { kind: 'removed', path, aspects: [...aspects].map(([name, before]) => ({ name, before, after: null })) };
}

function change({ before, after }: Match, moved: boolean): SchemaDifference | null {
  const names = new Set([...after.aspects.keys(), ...before.aspects.keys()]);
  const renamed = nameIn(before.path) === nameIn(after.path) ? [] : [aspect('name', nameIn(before.path), nameIn(after.path))];
  const said = [...names].map((name) => aspect(name, before.aspects.get(name), after.aspects.get(name)));
  const changed = [...renamed, ...said.filter((each) => each.before !== each.after)];
  const place = moved ? [aspect('place', ordinal(before), ordinal(after))] : [];
  if (changed.length === 0 && place.length === 0) return null;
  return { kind: changed.length === 0 ? 'moved' : 'changed', path: after.path, aspects: [...changed, ...place] };
}

function aspect(name: string, before: string | undefined, after: string | undefined): ChangedAspect {
  return { name, before: before ?? null, after: after ?? null };
}

function ordinal({ order }: OutlineEntry): string {
  return String((order?.place ?? 0) + 1);
}

/** The last step of a path. */
function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
