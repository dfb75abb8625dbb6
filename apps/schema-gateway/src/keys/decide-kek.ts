import type { Kek, KmsProps, StoredKek } from './key.ts';
import { type KeyRecord, printKek, printKekKey } from './key-records.ts';
import type { Keys } from './keys.ts';
import { keyExists, keyNotFound, keyNotSoftDeleted, keyReferenced, tooManyKeys } from './problems.ts';

/** As many KEKs, and as many DEKs. */
export const keysMax = 20_000;

/** Undefined stays as it is. */
export interface KekUpdate {
  readonly kmsProps: KmsProps | undefined;
  /** Null takes it away. */
  readonly doc: string | null | undefined;
  readonly shared: boolean | undefined;
}

/** A KEK that was deleted can be created again as it was. Throws `keys.already-exists` and `keys.too-many`. */
export function decideKekCreation(keys: Keys, wanted: Kek): KeyRecord[] {
  if (keys.kekCount > keysMax) throw tooMany();
  const known = keys.kek(wanted.name);
  if (known !== undefined && (known.deleted === wanted.deleted || !isEquivalent(known, wanted))) throw exists(wanted.name);
  return [put(known, wanted)];
}

/** Throws `keys.not-found`. */
export function decideKekUpdate(keys: Keys, name: string, update: KekUpdate): KeyRecord[] {
  const known = liveKek(keys, name);
  const after = updated(known, update);
  return isEquivalent(known, after) ? [] : [put(known, after)];
}

export function updated(kek: Kek, { kmsProps, doc, shared }: KekUpdate): Kek {
  return {
    ...kek,
    kmsProps: kmsProps ?? kek.kmsProps,
    doc: doc === undefined ? kek.doc : doc,
    shared: shared ?? kek.shared,
    deleted: false,
  };
}

/** No DEK is left without the KEK that unwraps it. Throws `keys.not-found`, `keys.referenced` and `keys.not-soft-deleted`. */
export function decideKekDeletion(keys: Keys, name: string, permanent: boolean): KeyRecord[] {
  const known = anyKek(keys, name);
  if (keys.deks(name).some(({ deleted }) => permanent || !deleted)) {
    throw keyReferenced(`One or more references exist to the key '${name}'`, { facts: { kek: name } });
  }
  if (!permanent) return known.deleted ? [] : [put(known, { ...known, deleted: true })];
  if (!known.deleted) throw notSoftDeleted(name);
  return [{ key: known.recordKey, value: null }];
}

/** Throws `keys.not-found`. */
export function decideKekUndeletion(keys: Keys, name: string): KeyRecord[] {
  const known = anyKek(keys, name);
  return known.deleted ? [put(known, { ...known, deleted: false })] : [];
}

/** Throws `keys.not-found`, also where it is deleted. */
export function liveKek(keys: Keys, name: string): StoredKek {
  const known = keys.kek(name);
  if (known === undefined || known.deleted) throw notFound(name);
  return known;
}

/** Throws `keys.not-found`. */
export function anyKek(keys: Keys, name: string): StoredKek {
  const known = keys.kek(name);
  if (known === undefined) throw notFound(name);
  return known;
}

function put(known: StoredKek | undefined, kek: Kek): KeyRecord {
  return { key: known?.recordKey ?? printKekKey(kek.name), value: printKek(kek) };
}

/** The same but for whether it is deleted. */
function isEquivalent(one: Kek, other: Kek): boolean {
  return printKek({ ...one, deleted: false }) === printKek({ ...other, deleted: false });
}

export function notFound(name: string): Error {
  return keyNotFound(`Key '${name}' not found`, { facts: { key: name } });
}

export function exists(name: string): Error {
  return keyExists(`Key '${name}' already exists; use a different value`, { facts: { key: name } });
}

export function notSoftDeleted(name: string): Error {
  const said = `Key '${name}' was not deleted first before being permanently deleted`;
  return keyNotSoftDeleted(said, { facts: { key: name } });
}

export function tooMany(): Error {
  return tooManyKeys(`A maximum of ${keysMax} keys already exist`);
}
