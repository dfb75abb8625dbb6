import { Problem } from '@penstock/kernel';
import type { Kek } from './key-registry.ts';
import { idsIn, type KeyUse } from './key-use.ts';
import { openKms } from './kms.ts';
import type { Kms, KmsEnv } from './kms-key.ts';

/** The KMS of a KEK, and its alternates where it does not answer or says no: the same key in other places. */
export function openKmsOf(kek: Kek, use: KeyUse, { env, timeoutMs }: { env: KmsEnv; timeoutMs: number }): Kms {
  const own = kek.kmsProps?.['encrypt.alternate.kms.key.ids'];
  const alternates = own === undefined ? use.alternateKmsKeyIds : idsIn(own);
  const open = (kmsKeyId: string): Kms => openKms({ ...kek, kmsKeyId }, env, { timeoutMs });
  const ids = [kek.kmsKeyId, ...alternates];
  return {
    encrypt: (plain) => firstOf(ids, (id) => open(id).encrypt(plain)),
    decrypt: (cipher) => firstOf(ids, (id) => open(id).decrypt(cipher)),
  };
}

/** Throws the outage of one before the refusal of another: what is away may know better when it is back. */
async function firstOf<Answer>(ids: readonly string[], ask: (id: string) => Promise<Answer>): Promise<Answer> {
  let worst: Problem | null = null;
  for (const id of ids) {
    try {
      return await ask(id);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      if (worst === null || thrown.remedy === 'retry') worst = thrown;
    }
  }
  throw worst;
}
