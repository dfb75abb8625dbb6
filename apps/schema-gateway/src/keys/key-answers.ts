import type { Dek, Kek, Place, StoredKek } from './key.ts';
import { printFields } from './print-fields.ts';

type Shown<Key> = Key & { readonly place?: Place | null };

/** A KEK as the API shows it; what says nothing is left out. */
export function kekAnswer({ name, kmsType, kmsKeyId, kmsProps, doc, shared, place, deleted }: Shown<Kek>): string {
  return printFields({ name, kmsType, kmsKeyId, kmsProps, doc, shared, ts: place?.atMs ?? null, deleted: deleted || null });
}

/** A KEK that was tried out is shown as it stands in the topic. */
export function testedKekAnswer({ name, kmsType, kmsKeyId, kmsProps, doc, shared, deleted, place }: StoredKek): string {
  const at = { offset: place?.offset ?? null, ts: place?.atMs ?? null };
  return printFields({ name, kmsType, kmsKeyId, kmsProps, doc, shared, deleted, type: 'KEK', ...at });
}

export function dekAnswer(dek: Shown<Dek>, keyMaterial: string | null): string {
  const { kekName, subject, version, algorithm, encryptedKeyMaterial, place, deleted } = dek;
  const material = { encryptedKeyMaterial, keyMaterial };
  return printFields({ kekName, subject, version, algorithm, ...material, ts: place?.atMs ?? null, deleted: deleted || null });
}
