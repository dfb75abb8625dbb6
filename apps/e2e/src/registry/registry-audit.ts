import type { Registration } from './registrations.ts';

/** A version as a gateway lists it. */
export interface ListedVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

/** What one gateway knows. */
export interface Listing {
  readonly gateway: string;
  readonly versions: readonly ListedVersion[];
  /** By id: the text that is answered for it alone. */
  readonly texts: ReadonlyMap<number, string>;
}

export interface RegistryAudit {
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged, and on some gateway not there under its id. */
  readonly lost: number;
  /** Schemas that are there under two versions or two ids, and ids that stand for two schemas. */
  readonly duplicates: number;
  /** Versions that are missing between the first and the last of a subject. */
  readonly gaps: number;
  /** Versions that one gateway shows otherwise than another one. */
  readonly differing: number;
}

/** What authors were told against what the gateways know, each by itself. Asks none of them. */
export function auditRegistry(registrations: readonly Registration[], listings: readonly Listing[]): RegistryAudit {
  const acknowledged = registrations.filter(({ id }) => id !== null);
  const lost = new Set(listings.flatMap((listing) => lostOf(acknowledged, listing)));
  const [first, ...others] = listings;
  const named = new Set(registrations.map(nameOf));
  const versions = (first?.versions ?? []).filter((version) => named.has(nameOf(version)));
  return {
    acknowledged: acknowledged.length,
    stored: versions.length,
    lost: lost.size,
    duplicates: repeated(versions.map(nameOf)) + repeated(versions.map(({ id }) => id)),
    gaps: gapsOf(first?.versions ?? []),
    differing: others.reduce((sum, other) => sum + differences(first?.versions ?? [], other.versions), 0),
  };
}

function nameOf({ subject, schema }: { readonly subject: string; readonly schema: string }): string {
  return `${subject} ${schema}`;
}

function lostOf(acknowledged: readonly Registration[], { versions, texts }: Listing): string[] {
  const ids = new Map(versions.map((version) => [nameOf(version), version.id]));
  const isThere = (each: Registration): boolean =>
    ids.get(nameOf(each)) === each.id && texts.get(each.id as number) === each.schema;
  return acknowledged.filter((each) => !isThere(each)).map(nameOf);
}

function repeated(values: readonly unknown[]): number {
  return values.length - new Set(values).size;
}

function gapsOf(versions: readonly ListedVersion[]): number {
  const bySubject = Map.groupBy(versions, ({ subject }) => subject);
  return [...bySubject.values()].reduce((gaps, own) => {
    const numbers = own.map(({ version }) => version);
    return gaps + Math.max(...numbers) - new Set(numbers).size;
  }, 0);
}

function differences(left: readonly ListedVersion[], right: readonly ListedVersion[]): number {
  const print = ({ subject, version, id, schema }: ListedVersion): string => JSON.stringify([subject, version, id, schema]);
  const known = new Set(left.map(print));
  const others = new Set(right.map(print));
  return known.size + others.size - 2 * [...known].filter((version) => others.has(version)).length;
}
