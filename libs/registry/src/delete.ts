import {
  contextNotEmpty,
  referenced,
  subjectNotSoftDeleted,
  subjectSoftDeleted,
  unknownSubject,
  unknownVersion,
  versionNotSoftDeleted,
  versionSoftDeleted,
} from './problems.ts';
import { printKey, printSchemaValue, type RegistryRecord } from './records.ts';
import type { Registry } from './registry.ts';
import { keyOf, removal, settingsRemoval, tombstones } from './removal.ts';
import { checkWritable } from './settings.ts';
import { contextName, type StoredVersion } from './stored-schema.ts';

/** The records that delete one version: softly, or for good once it was deleted softly. */
export function decideVersionDeletion(
  registry: Registry,
  { subject, version }: { subject: string; version: number },
  permanent: boolean,
): RegistryRecord[] {
  const stored = registry.version(subject, version);
  const facts = { subject, version };
  if (registry.versions(subject).length === 0) throw unknownSubject(`Subject '${subject}' not found.`, { facts });
  if (stored === undefined) throw unknownVersion(`Version ${version} not found.`, { facts });
  if (stored.deleted && !permanent) {
    throw versionSoftDeleted(
      `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
      { facts },
    );
  }
  checkWritable(registry, subject);
  checkUnreferenced(registry, stored, { deleted: permanent });
  if (!stored.deleted && permanent) {
    throw versionNotSoftDeleted(
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
      { facts },
    );
  }
  if (!permanent) return [{ key: keyOf(stored), value: printStored({ ...stored, deleted: true }) }];
  const isLast = registry.versions(subject).length === 1;
  return [...removal(registry, [stored]), ...(isLast ? ownSettings(registry, subject) : [])];
}

/** The records that delete a subject, and the versions that they delete. */
export function decideSubjectDeletion(
  registry: Registry,
  subject: string,
  permanent: boolean,
): { records: RegistryRecord[]; versions: number[] } {
  const all = registry.versions(subject);
  const live = all.filter(({ deleted }) => !deleted);
  if (all.length === 0) throw unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
  if (live.length === 0 && !permanent) {
    throw subjectSoftDeleted(`Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`, {
      facts: { subject },
    });
  }
  checkWritable(registry, subject);
  const deleted = permanent ? all : live;
  for (const stored of deleted) checkUnreferenced(registry, stored, { deleted: permanent, besides: subject });
  if (live.length > 0 && permanent) {
    throw subjectNotSoftDeleted(`Subject '${subject}' was not deleted first before being permanently deleted`, {
      facts: { subject },
    });
  }
  const versions = deleted.map(({ version }) => version);
  if (permanent) {
    // The latest first, for others may refer to those before them.
    const gone = [...removal(registry, [...all].reverse()), ...tombstones(registry, deleteKey(subject))];
    return { records: [...gone, ...ownSettings(registry, subject)], versions };
  }
  return { records: [{ key: deleteKey(subject), value: JSON.stringify({ subject, version: versions.at(-1) }) }], versions };
}

/** The records that forget a context, which holds no subjects any more. Throws `registry.context-not-empty`. */
export function decideContextDeletion(registry: Registry, context: string): RegistryRecord[] {
  const name = contextName(context);
  if (registry.subjectsOf(name).length > 0) throw contextNotEmpty(`The specified context '${name}' is not empty.`);
  return registry.contexts.get(context) === undefined ? [] : tombstones(registry, printKey({ keytype: 'CONTEXT', context }));
}

/** What goes with the last version of a subject. */
function ownSettings(registry: Registry, subject: string): RegistryRecord[] {
  return [...settingsRemoval(registry, subject, 'CONFIG'), ...settingsRemoval(registry, subject, 'MODE')];
}

/** Who refers to a version keeps it, unless it goes as well. Throws `registry.referenced`. */
export function checkUnreferenced(
  registry: Registry,
  { subject, version }: StoredVersion,
  { deleted, besides }: { deleted: boolean; besides?: string },
): void {
  if (registry.referrersOf({ subject, version }, deleted).every((use) => use.subject === besides)) return;
  throw referenced(`One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`, {
    facts: { subject, version },
  });
}

function deleteKey(subject: string): string {
  return printKey({ keytype: 'DELETE_SUBJECT', subject });
}

function printStored({ subject, version, content, deleted }: StoredVersion): string {
  const { id, format, text, references, metadata, ruleSet } = content;
  return printSchemaValue({
    ...{ subject, version, id, schemaType: format, references: [...references], metadata, ruleSet },
    ...{ schema: text, deleted },
  });
}
