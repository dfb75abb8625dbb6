import { noKey } from '../problems.ts';
import { type DekAlgorithm, dekAlgorithms, isDekAlgorithm } from './dek-algorithm.ts';

/** Which key a rule wants its fields encrypted with, as its parameters say. */
export interface KeyUse {
  readonly kekName: string;
  /** Null: that of the KEK, which then has to be there. */
  readonly kmsType: string | null;
  readonly kmsKeyId: string | null;
  /** Tried one after the other where the KMS does not answer for the first. */
  readonly alternateKmsKeyIds: readonly string[];
  readonly algorithm: DekAlgorithm;
  /** Zero: the key is for ever, and ciphertexts do not name its version. */
  readonly expiryDays: number;
}

export type Parameter = (name: string) => string | null;

/** Throws `schema.no-key` where the parameters name none. */
export function parseKeyUse(parameter: Parameter): KeyUse {
  const given = (name: string): string | null => parameter(name) || null;
  const kekName = given('encrypt.kek.name');
  if (kekName === null) throw noKey('the rule names no key: expected encrypt.kek.name among its params');
  return {
    kekName,
    kmsType: given('encrypt.kms.type'),
    kmsKeyId: given('encrypt.kms.key.id'),
    alternateKmsKeyIds: idsIn(given('encrypt.alternate.kms.key.ids')),
    algorithm: algorithmOf(given('encrypt.dek.algorithm')),
    expiryDays: daysOf(given('encrypt.dek.expiry.days')),
  };
}

/** `one,another`. */
export function idsIn(list: string | null | undefined): string[] {
  return (list ?? '').split(',').flatMap((id) => id.trim() || []);
}

function algorithmOf(name: string | null): DekAlgorithm {
  if (name === null) return 'AES256_GCM';
  if (isDekAlgorithm(name)) return name;
  throw noKey(`encrypt.dek.algorithm: expected one of ${dekAlgorithms.join(', ')}, got ${name}`);
}

function daysOf(text: string | null): number {
  const days = Number(text ?? 0);
  if (Number.isFinite(days) && days >= 0) return days;
  throw noKey(`encrypt.dek.expiry.days: expected a number of days, got ${text}`);
}
