import { anyKek, exists, keysMax, liveKek, notFound, notSoftDeleted, tooMany } from './decide-kek.ts';
import type { Dek, StoredDek, StoredKek } from './key.ts';
import { type KeyRecord, printDek, printDekKey } from './key-records.ts';
import type { DekLine, Keys } from './keys.ts';
import { invalidKey, keySoftDeleted } from './problems.ts';

export interface DekWanted extends Dek {
  /** Wraps the same key anew where there is one. */
  readonly rewrap: boolean;
}

/** What it takes to create a DEK: what the KMS has to be asked for is asked before it is decided. */
export interface DekPlan {
  readonly kek: StoredKek;
  /** What is there under its name. */
  readonly known: StoredDek | null;
  /** The gateway makes the key, or unwraps the one that is there, and wraps it. */
  readonly wraps: boolean;
}

/** All versions of a line, or one; null: the latest. */
export type DekChoice = DekLine & { readonly version: number | 'all' | 'latest' };

/** Throws `keys.not-found`, `keys.too-many`, `keys.already-exists` and `keys.invalid`. */
export function planDek(keys: Keys, wanted: DekWanted): DekPlan {
  const kek = wanted.deleted ? anyKek(keys, wanted.kekName) : liveKek(keys, wanted.kekName);
  if (keys.dekCount > keysMax) throw tooMany();
  const known = keys.dek(wanted) ?? null;
  const isSame = known !== null && known.deleted !== wanted.deleted && isEquivalent(known, wanted);
  if (known !== null && !wanted.rewrap && !isSame) throw exists(wanted.subject);
  const isGiven = wanted.encryptedKeyMaterial !== null;
  if (isGiven && kek.shared && known !== null) throw exists(wanted.subject);
  if (!isGiven && !kek.shared) throw invalidField('encryptedKeyMaterial');
  return { kek, known, wraps: !isGiven };
}

export function putDek(known: StoredDek | null, dek: Dek): KeyRecord {
  return { key: known?.recordKey ?? printDekKey(dek), value: printDek(dek) };
}

/** Throws `keys.not-found` and `keys.not-soft-deleted`. */
export function decideDekDeletion(keys: Keys, choice: DekChoice, permanent: boolean): KeyRecord[] {
  anyKek(keys, choice.kekName);
  const chosen = chosenOf(keys, choice);
  if (!permanent) return chosen.filter(({ deleted }) => !deleted).map((dek) => putDek(dek, { ...dek, deleted: true }));
  if (chosen.some(({ deleted }) => !deleted)) throw notSoftDeleted(choice.subject);
  return chosen.map(({ recordKey }) => ({ key: recordKey, value: null }));
}

/** Throws `keys.not-found` and `keys.soft-deleted`. */
export function decideDekUndeletion(keys: Keys, choice: DekChoice): KeyRecord[] {
  const kek = anyKek(keys, choice.kekName);
  const chosen = chosenOf(keys, choice);
  if (kek.deleted) throw keySoftDeleted(`Key '${kek.name}' must be undeleted first`, { facts: { kek: kek.name } });
  return chosen.filter(({ deleted }) => deleted).map((dek) => putDek(dek, { ...dek, deleted: false }));
}

/** Null: there is none, or it is deleted and those are not wanted. */
export function findDek(keys: Keys, name: DekLine & { version: number | 'latest' }, deleted: boolean): StoredDek | null {
  const { version } = name;
  const shown = keys.versions(name).filter((dek) => deleted || !dek.deleted);
  return (version === 'latest' ? shown.at(-1) : shown.find((dek) => dek.version === version)) ?? null;
}

function chosenOf(keys: Keys, { version, ...line }: DekChoice): readonly StoredDek[] {
  const one = version === 'all' ? keys.versions(line) : [findDek(keys, { ...line, version }, true) ?? []].flat();
  if (one.length === 0) throw notFound(line.subject);
  return one;
}

/** The same but for whether it is deleted. */
function isEquivalent(one: Dek, other: Dek): boolean {
  return printDek({ ...one, deleted: false }) === printDek({ ...other, deleted: false });
}

export function invalidField(field: string): Error {
  return invalidKey(`Invalid or missing value for field '${field}' of key`, { facts: { field } });
}
