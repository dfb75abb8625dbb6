import { versionIn, withoutVersion } from './contract.ts';
import type { Candidate } from './draft.ts';
import type { Registry } from './registry.ts';
import { settle } from './settle.ts';
import { type Attachment, hashOf, type SchemaContent, type StoredVersion, textHashOf } from './stored-schema.ts';

/** The version of the subject that is the same as the candidate; the latest of several. */
export function findVersion(
  registry: Registry,
  subject: string,
  { candidate, deleted }: { candidate: Candidate; deleted: boolean },
): StoredVersion | undefined {
  const isSame = sameAs(registry, candidate);
  return registry.versions(subject).findLast((stored) => (deleted || !stored.deleted) && isSame(stored));
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

/** Says whether a version is the same as the candidate; which version the metadata name counts only where both do. */
export function sameAs(registry: Registry, candidate: Candidate): (stored: StoredVersion) => boolean {
  const { content, canonical } = candidate;
  const hash = hashOf(content, content.text);
  const canonicalHash = canonical === null ? null : hashOf(content, canonical);
  const mine = versionIn(content.metadata);
  return (stored) => {
    if (textHashOf(stored.content) === hash) return true;
    if (stored.content.format !== content.format) return false;
    if (canonicalHash !== null && registry.canonicalHashOf(stored.content) === canonicalHash) return true;
    const theirs = versionIn(stored.content.metadata);
    if ((mine === null) === (theirs === null) || (mine !== null && mine !== stored.version)) return false;
    return isSameUnversioned(registry, stored.content, candidate);
  };
}

/** One of them has metadata that name a version: are they the same without? */
function isSameUnversioned(registry: Registry, stored: SchemaContent, { content, canonical }: Candidate): boolean {
  const isAlike = printUnversioned(stored.metadata) === printUnversioned(content.metadata);
  if (!isAlike) return false;
  const filled = { ...content, metadata: stored.metadata };
  if (textHashOf(stored) === hashOf(filled, content.text)) return true;
  return canonical !== null && registry.canonicalHashOf(stored) === hashOf(filled, canonical);
}

function printUnversioned(metadata: Attachment | null): string {
  return JSON.stringify(withoutVersion(metadata));
}
