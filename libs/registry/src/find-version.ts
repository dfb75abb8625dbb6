import { canonicalOf } from '@penstock/schema';
import { versionIn, withoutVersion } from './contract.ts';
import type { Candidate } from './draft.ts';
import type { Registry } from './registry.ts';
import { resolveAvro } from './resolve-avro.ts';
import { settle } from './settle.ts';
import { type Attachment, formHashOf, hashOf, type SchemaContent, type StoredVersion, textHashOf } from './stored-schema.ts';

/** The version of the subject that is the same as the candidate; the latest of several. */
export function findVersion(
  registry: Registry,
  subject: string,
  { candidate, deleted }: { candidate: Candidate; deleted: boolean },
): StoredVersion | undefined {
  const versions = registry.versions(subject);
  return findSame(registry, candidate, deleted ? versions : versions.filter((stored) => !stored.deleted));
}

/**
 * The latest of versions that is the same as the candidate; else the latest that is the same in other words: which version the metadata name
 * counts only where both do, and Avro without references is the same as Avro that says with references what it writes out.
 */
export function findSame(
  registry: Registry,
  candidate: Candidate,
  versions: readonly StoredVersion[],
): StoredVersion | undefined {
  return (
    versions.findLast(sameAs(registry, candidate)) ?? versions.findLast((stored) => isSameButFor(registry, stored, candidate))
  );
}

/** The version that somebody means who gives its text: as `findVersion`, and with what it would get where that finds none. */
export function lookUpVersion(
  registry: Registry,
  subject: string,
  { candidate, deleted }: { candidate: Candidate; deleted: boolean },
): StoredVersion | undefined {
  const found = findVersion(registry, subject, { candidate, deleted });
  if (found !== undefined || registry.versions(subject).every((stored) => stored.deleted)) return found;
  const settled = settle(registry, subject, candidate);
  return settled === candidate ? undefined : findVersion(registry, subject, { candidate: settled, deleted });
}

function sameAs(registry: Registry, { content, canonical }: Candidate): (stored: StoredVersion) => boolean {
  const hash = textHashOf(content);
  const canonicalHash = canonical === null ? null : formHashOf(content, canonical);
  return (stored) => {
    if (textHashOf(stored.content) === hash) return true;
    if (canonicalHash === null || stored.content.format !== content.format) return false;
    return registry.canonicalHashOf(stored.content) === canonicalHash;
  };
}

function isSameButFor(registry: Registry, stored: StoredVersion, { content, canonical }: Candidate): boolean {
  if (stored.content.format !== content.format) return false;
  const isWrittenOut = content.format === 'AVRO' && content.references.length === 0 && stored.content.references.length > 0;
  const [mine, theirs] = [versionIn(content.metadata), versionIn(stored.content.metadata)];
  const isVersioned = (mine === null) !== (theirs === null);
  if (!isWrittenOut && !isVersioned) return false;
  if (isVersioned && mine !== null && mine !== stored.version) return false;
  if (!isVersioned && JSON.stringify(content.metadata) !== JSON.stringify(stored.content.metadata)) return false;
  if (isVersioned && printUnversioned(stored.content.metadata) !== printUnversioned(content.metadata)) return false;
  if (isWrittenOut && JSON.stringify(content.ruleSet) !== JSON.stringify(stored.content.ruleSet)) return false;
  if (isWrittenOut) return canonical !== null && writtenOut(registry, stored.content) === canonical;
  const filled = { ...content, metadata: stored.content.metadata };
  if (textHashOf(stored.content) === hashOf(filled, content.text)) return true;
  return canonical !== null && registry.canonicalHashOf(stored.content) === hashOf(filled, canonical);
}

function printUnversioned(metadata: Attachment | null): string {
  return JSON.stringify(withoutVersion(metadata));
}

const resolved = new WeakMap<SchemaContent, string>();

/** The canonical form of an Avro schema with all that it refers to; null where this build cannot tell. */
function writtenOut(registry: Registry, content: SchemaContent): string | null {
  const known = resolved.get(content);
  if (known !== undefined) return known;
  try {
    const text = resolveAvro(content.text, registry.importsOf(content).values());
    const canonical = canonicalOf({ format: 'AVRO', text });
    resolved.set(content, canonical);
    return canonical;
  } catch {
    return null;
  }
}
