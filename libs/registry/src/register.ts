import { versionIn, withVersion } from './contract.ts';
import { type Candidate, checkSubject, refuseUnreadable } from './draft.ts';
import { findSame } from './find-version.ts';
import { judge, type Verdict } from './judge.ts';
import { invalidSchema, notPermitted } from './problems.ts';
import { contextRecord, printSchemaValue, type RegistryRecord } from './records.ts';
import type { Registry } from './registry.ts';
import { keyOf, tombstones } from './removal.ts';
import { checkWritable, configInScope, configOf, isImporting, modeOf, notIn } from './settings.ts';
import { settle } from './settle.ts';
import { contentKey, contextOf, defaultContext, hashOf, type StoredVersion, subjectIn } from './stored-schema.ts';

export interface Registration {
  readonly id: number;
  readonly version: number;
  /** Empty: it was there already. */
  readonly records: readonly RegistryRecord[];
  readonly verdict: Verdict | null;
}

/** An id or a version that are given, as when a registry is moved. */
export interface Import {
  /** Null: one is to be given. */
  readonly id: number | null;
  /** The number that the version is to have, -1: whichever is next; and its metadata are to name it. */
  readonly version?: number | undefined;
}

/**
 * What registering a candidate comes to. Whether an incompatible one is refused is the caller's to say: the records are those of
 * taking it.
 */
export function decideRegistration(
  registry: Registry,
  subject: string,
  { candidate: proposed, given }: { candidate: Candidate; given: Import | null },
): Registration {
  checkSubject(subject);
  const { id: asked, version: place = 0 } = given ?? { id: null };
  const isPlain = !addsToVersions(registry, subject);
  const found = isPlain ? findRegistered(registry, subject, { proposed, given: { id: asked, version: place } }) : undefined;
  if (found !== undefined) return standing(found);
  checkMode(registry, subject, asked);
  if (asked === null) checkReferences(registry, subject, proposed);
  const importing = isImporting(registry, subject);
  const next = (registry.versions(subject).at(-1)?.version ?? 0) + 1;
  // What is imported is stored as it comes.
  const candidate = importing
    ? proposed
    : naming(settleRules(registry, subject, proposed), { version: next, isAsked: place !== 0 });
  const isLookedFor = isPlain && candidate === proposed;
  const same = place === 0 && !isLookedFor ? latestSame(registry, subject, { candidate, id: asked }) : undefined;
  if (same !== undefined) return standing(same);
  const verdict = importing ? null : judge(registry, subject, { candidate });
  if (place > 0 && place !== next && !importing) throw invalidSchema('Version is not one more than previous version');
  const version = place > 0 ? place : next;
  const id = asked ?? registry.idOf(candidate.content, candidate.canonical) ?? registry.idMaxOf(contextOf(subject)) + 1;
  if (asked !== null) checkImport(registry, candidate, asked);
  const records = [
    ...contextRecords(registry, subject),
    ...replaced(registry, subject, { id, version }),
    recordOf(candidate, { subject, version, id }),
  ];
  return { id, version, records, verdict };
}

/** Rules that come from elsewhere, as from the settings, have to be readable for this schema as well. */
function settleRules(registry: Registry, subject: string, proposed: Candidate): Candidate {
  const settled = settle(registry, subject, proposed);
  const { metadata, ruleSet } = settled.content;
  if (ruleSet !== null && ruleSet !== proposed.content.ruleSet) refuseUnreadable(settled.schema, { metadata, ruleSet });
  return settled;
}

/** Metadata name the version where that is asked for, or where they named the one before it. */
function naming(candidate: Candidate, { version, isAsked }: { version: number; isAsked: boolean }): Candidate {
  const { content } = candidate;
  if (!isAsked && versionIn(content.metadata) === null) return candidate;
  return { ...candidate, content: { ...content, metadata: withVersion(content.metadata, version) } };
}

function standing({ content, version }: StoredVersion): Registration {
  return { id: content.id, version, records: [], verdict: null };
}

/** True where settings give metadata or rules to what is registered. */
function addsToVersions(registry: Registry, subject: string): boolean {
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = configOf(registry, subject);
  return [defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet].some((added) => added !== undefined);
}

/** What is there as it was given, whatever the mode. */
function findRegistered(
  registry: Registry,
  subject: string,
  { proposed, given: { id, version } }: { proposed: Candidate; given: { id: number | null; version: number } },
): StoredVersion | undefined {
  const live = registry.versions(subject).filter((stored) => !stored.deleted && (id === null || id === stored.content.id));
  if (version === 0) return findSame(registry, proposed, live);
  const asked = version < 0 ? live.slice(-1) : live.filter((stored) => id !== null && stored.version === version);
  return findSame(registry, proposed, asked);
}

function latestSame(
  registry: Registry,
  subject: string,
  { candidate, id }: { candidate: Candidate; id: number | null },
): StoredVersion | undefined {
  const live = registry.versions(subject).filter((stored) => !stored.deleted && (id === null || id === stored.content.id));
  return findSame(registry, candidate, live);
}

/** Ids come from elsewhere in the modes of importing, and only there. */
function checkMode(registry: Registry, subject: string, id: number | null): void {
  checkWritable(registry, subject);
  if (id !== null && !isImporting(registry, subject)) throw notIn(registry, subject, 'is not in import mode');
  if (id === null && !modeOf(registry, subject).startsWith('READWRITE'))
    throw notIn(registry, subject, 'is not in read-write mode');
}

/** What is new refers to what is live, unless new schemas are not validated. */
function checkReferences(registry: Registry, subject: string, { content: { references, context } }: Candidate): void {
  if (references.length === 0 || configInScope(registry, subject).validateNewSchemas === false) return;
  const gone = references.find((each) => registry.version(subjectIn(context, each.subject), each.version)?.deleted === true);
  if (gone === undefined) return;
  const { subject: name, version } = gone;
  throw invalidSchema(`No schema reference found for subject "${name}" and version ${version}`, {
    facts: { reference: `${name}/${version}` },
  });
}

/** An id stands for one schema for ever. */
function checkImport(registry: Registry, { content }: Candidate, id: number): void {
  const known = registry.contents.get(contentKey(content.context, id));
  if (known === undefined || hashOf(known, known.text) === hashOf(content, content.text)) return;
  throw notPermitted(`Overwrite new schema with id ${id} in context ${content.context} is not permitted.`, { facts: { id } });
}

/** The first schema of a context makes it known. */
function contextRecords(registry: Registry, subject: string): RegistryRecord[] {
  const context = contextOf(subject);
  return context === defaultContext || registry.contexts.get(context) !== undefined ? [] : [contextRecord(context)];
}

/** A version that was deleted makes place for the one that has its id anew, unless others refer to it. */
function replaced(registry: Registry, subject: string, { id, version }: { id: number; version: number }): RegistryRecord[] {
  const gone = registry.versions(subject).filter((stored) => {
    const isOlder = stored.deleted && stored.content.id === id && stored.version < version;
    return isOlder && registry.referrersOf(stored, true).length === 0;
  });
  return gone.flatMap((stored) => tombstones(registry, keyOf(stored)));
}

function recordOf({ content }: Candidate, place: { subject: string; version: number; id: number }): RegistryRecord {
  const { format, text, references, metadata, ruleSet } = content;
  const value = { ...place, schemaType: format, references: [...references], metadata, ruleSet, schema: text, deleted: false };
  return {
    key: keyOf(place),
    value: printSchemaValue(value),
  };
}
