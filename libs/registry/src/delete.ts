import {
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
import { checkWritable, tombstones } from './settings.ts';
import type { StoredVersion } from './stored-schema.ts';

/** The records that delete one version: softly, or for good once it was deleted softly. */
export function decideVersionDeletion(
  registry: Registry,
  { subject, version }: { subject: string; version: number },
  permanent: boolean,
): RegistryRecord[] {
  checkWritable(registry, subject);
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
  if (!stored.deleted && permanent) {
    throw versionNotSoftDeleted(
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
      { facts },
    );
  }
  checkUnreferenced(registry, stored);
  if (permanent) return [keepIdMax(registry), ...tombstones(registry, keyOf(stored))];
  return [{ key: keyOf(stored), value: printStored({ ...stored, deleted: true }) }];
}

/** The records that delete a subject, and the versions that they delete. */
export function decideSubjectDeletion(
  registry: Registry,
  subject: string,
  permanent: boolean,
): { records: RegistryRecord[]; versions: number[] } {
  checkWritable(registry, subject);
  const all = registry.versions(subject);
  const live = all.filter(({ deleted }) => !deleted);
  if (all.length === 0) throw unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
  if (live.length === 0 && !permanent) {
    throw subjectSoftDeleted(`Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`, {
      facts: { subject },
    });
  }
  if (live.length > 0 && permanent) {
    throw subjectNotSoftDeleted(`Subject '${subject}' was not deleted first before being permanently deleted`, {
      facts: { subject },
    });
  }
  const deleted = permanent ? all : live;
  for (const stored of deleted) checkUnreferenced(registry, stored);
  const versions = deleted.map(({ version }) => version);
  if (permanent) {
    const gone = all.flatMap((stored) => tombstones(registry, keyOf(stored)));
    return { records: [keepIdMax(registry), ...gone, ...tombstones(registry, deleteKey(subject))], versions };
  }
  const value = JSON.stringify({ subject, version: versions.at(-1) });
  return { records: [{ key: deleteKey(subject), value }, ...settingsOf(registry, subject)], versions };
}

function settingsOf(registry: Registry, subject: string): RegistryRecord[] {
  const config =
    registry.configs.get(subject) === undefined ? [] : tombstones(registry, printKey({ keytype: 'CONFIG', subject }));
  const mode = registry.modes.get(subject) === undefined ? [] : tombstones(registry, printKey({ keytype: 'MODE', subject }));
  return [...config, ...mode];
}

/** What is deleted for good leaves nothing behind, but its id must not be given again. */
function keepIdMax({ idMax }: Registry): RegistryRecord {
  return { key: printKey({ keytype: 'NOOP' }), value: JSON.stringify({ idMax }) };
}

function checkUnreferenced(registry: Registry, { subject, version }: StoredVersion): void {
  if (registry.liveReferrers({ subject, version }).length === 0) return;
  throw referenced(`One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`, {
    facts: { subject, version },
  });
}

function keyOf({ subject, version }: StoredVersion): string {
  return printKey({ keytype: 'SCHEMA', subject, version });
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
