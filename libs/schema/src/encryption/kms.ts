import { kmsNotSupported } from '../problems.ts';
import type { Kms, KmsEnv, KmsKey, KmsOptions } from './kms-key.ts';
import { openLocalKms } from './local-kms.ts';
import { openVaultKms } from './vault-kms.ts';

type OpenKms = (key: KmsKey, env: KmsEnv, options: KmsOptions) => Kms;

const drivers: ReadonlyMap<string, OpenKms> = new Map([
  ['local-kms', openLocalKms],
  ['hcvault', openVaultKms],
]);

/** The types of KMS that this build speaks to. */
export const kmsTypes: readonly string[] = [...drivers.keys()];

/** Throws `schema.kms-not-supported`, and `schema.kms-refused` where what it needs is not given. Nothing is asked yet. */
export function openKms(key: KmsKey, env: KmsEnv, options: KmsOptions = {}): Kms {
  const open = drivers.get(key.kmsType);
  if (open !== undefined) return open(key, env, options);
  const facts = { kmsType: key.kmsType };
  throw kmsNotSupported(`KMS ${key.kmsType}: not supported; expected one of ${kmsTypes.join(', ')}`, { facts });
}
