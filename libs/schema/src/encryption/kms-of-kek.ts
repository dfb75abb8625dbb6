import { Problem } from '@penstock/kernel';
import { idsIn } from './key-use.ts';
import { openKms } from './kms.ts';
import type { Kms, KmsEnv, KmsKey, KmsOptions } from './kms-key.ts';

export interface KmsOfKekOptions extends KmsOptions {
  readonly env: KmsEnv;
  /** Where the KEK names none itself. */
  readonly alternateKmsKeyIds?: readonly string[];
  /** Which failure is told where all have failed; absent: an outage before a refusal, for what is away may know better when it is back. */
  readonly worstOf?: WorstOf;
}

/** Of the keys of a KMS in the order in which they were asked. */
type WorstOf = (failures: readonly Problem[]) => Problem | undefined;

/** The KMS of a KEK, and its alternates where it does not answer or says no: the same key in other places. */
export function openKmsOfKek(
  kek: KmsKey,
  { env, alternateKmsKeyIds = [], worstOf = lastOutage, ...options }: KmsOfKekOptions,
): Kms {
  const own = kek.kmsProps?.['encrypt.alternate.kms.key.ids'];
  const ids = [kek.kmsKeyId, ...(own === undefined ? alternateKmsKeyIds : idsIn(own))];
  const open = (kmsKeyId: string): Kms => openKms({ ...kek, kmsKeyId }, env, options);
  return {
    encrypt: (plain) => firstOf(ids, (id) => open(id).encrypt(plain), worstOf),
    decrypt: (cipher) => firstOf(ids, (id) => open(id).decrypt(cipher), worstOf),
  };
}

async function firstOf<Answer>(ids: readonly string[], ask: (id: string) => Promise<Answer>, worstOf: WorstOf): Promise<Answer> {
  const failures: Problem[] = [];
  for (const id of ids) {
    try {
      return await ask(id);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      failures.push(thrown);
    }
  }
  throw worstOf(failures) ?? failures[0];
}

function lastOutage(failures: readonly Problem[]): Problem | undefined {
  return failures.findLast(({ remedy }) => remedy === 'retry');
}
