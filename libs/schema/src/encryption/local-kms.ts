import { hkdfSync } from 'node:crypto';
import { kmsRefused } from '../problems.ts';
import { createGcm } from './aes-gcm.ts';
import type { Kms, KmsEnv, KmsKey } from './kms-key.ts';
import { secretIn } from './secret-in.ts';

/** A key made of a secret that the service itself holds; the id of the key has no part in it. For trying things out. */
export function openLocalKms({ kmsKeyId, kmsProps }: KmsKey, env: KmsEnv): Kms {
  const secret = kmsProps?.['secret'] ?? secretIn(env, 'LOCAL_SECRET');
  if (secret === undefined) throw kmsRefused(`local-kms › ${kmsKeyId}: there is no secret; set LOCAL_SECRET`);
  const cipher = createGcm(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), new Uint8Array(0), 16)));
  return {
    encrypt: async (plain) => cipher.encrypt(plain),
    decrypt: async (wrapped) => {
      try {
        return cipher.decrypt(wrapped);
      } catch {
        throw kmsRefused(`local-kms › ${kmsKeyId}: the key was wrapped with another secret`);
      }
    },
  };
}
