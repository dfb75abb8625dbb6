import { type DekAlgorithm, dekAlgorithms } from '@penstock/schema';

/** A key encryption key: which key of which KMS wraps data keys. The key itself never leaves the KMS. */
export interface Kek {
  readonly name: string;
  readonly kmsType: string;
  readonly kmsKeyId: string;
  /** Sorted by name. They may hold secrets. */
  readonly kmsProps: KmsProps;
  readonly doc: string | null;
  /** The gateway itself may have the KMS wrap and unwrap with it, for whoever may use the data keys. */
  readonly shared: boolean;
  /** Soft: it is there for whoever asks for deleted ones. */
  readonly deleted: boolean;
}

export type KmsProps = ReadonlyMap<string, string | null>;

/** A data encryption key, wrapped: it encrypts the fields of a subject's records. */
export interface Dek {
  readonly kekName: string;
  readonly subject: string;
  readonly algorithm: DekAlgorithm;
  readonly version: number;
  /** Base64. */
  readonly encryptedKeyMaterial: string | null;
  readonly deleted: boolean;
}

/** Which DEK: without its material. */
export type DekName = Pick<Dek, 'kekName' | 'subject' | 'algorithm' | 'version'>;

/** Where a record stands in the topic, and since when. */
export interface Place {
  readonly offset: number;
  readonly atMs: number;
}

/** As it stands in the topic, or is about to. */
interface Recorded {
  /** The key of its record, as whoever wrote it first spelled it: compaction compares bytes. */
  readonly recordKey: string;
  /** Null: it is not stored yet. */
  readonly place: Place | null;
}
export type StoredKek = Kek & Recorded;
export type StoredDek = Dek & Recorded;

export const defaultAlgorithm: DekAlgorithm = 'AES256_GCM';
export const versionMin = 1;

export function algorithmRank(algorithm: DekAlgorithm): number {
  return dekAlgorithms.indexOf(algorithm);
}

export function kmsProps(props: Readonly<Record<string, string | null>> | null | undefined): KmsProps {
  return new Map(Object.entries(props ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)));
}
