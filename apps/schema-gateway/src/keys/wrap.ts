import { messageOf, Problem } from '@penstock/kernel';
import { createDekMaterial, type Kms, openKmsOfKek } from '@penstock/schema';
import type { Dek, Kek } from './key.ts';
import { kmsFailed, kmsForbidden } from './problems.ts';

/** A data key that the KMS wraps for us; a new one unless it is given. Base64. Throws `keys.kms-failed` and `keys.kms-forbidden`. */
export async function wrap(kek: Kek, dek: Pick<Dek, 'subject' | 'algorithm'>, open: string | null): Promise<string> {
  const plain = open === null ? createDekMaterial(dek.algorithm) : Buffer.from(open, 'base64');
  return asked(kek, `Could not generate encrypted dek for ${dek.subject}`, (kms) => kms.encrypt(plain));
}

/** What the wrapped key is. Base64. Throws `keys.kms-failed` and `keys.kms-forbidden`. */
export async function unwrap(kek: Kek, dek: Pick<Dek, 'subject' | 'encryptedKeyMaterial'>): Promise<string> {
  const wrapped = Buffer.from(dek.encryptedKeyMaterial ?? '', 'base64');
  return asked(kek, `Could not generate raw dek for ${dek.subject}`, (kms) => kms.decrypt(wrapped));
}

/** Wraps a key that nobody will use. Throws as `wrap` does. */
export async function tryOut(kek: Kek): Promise<void> {
  await wrap(kek, { subject: '__TEST', algorithm: 'AES256_GCM' }, null);
}

async function asked(kek: Kek, what: string, ask: (kms: Kms) => Promise<Buffer>): Promise<string> {
  const { kmsType, kmsKeyId } = kek;
  const worstOf = (failures: readonly Problem[]): Problem | undefined => failures.find(isForbidden); // as Confluent's registry tells it
  try {
    const kms = openKmsOfKek({ kmsType, kmsKeyId, kmsProps: propsOf(kek) }, { env: process.env, worstOf });
    return (await ask(kms)).toString('base64');
  } catch (thrown) {
    const problem = isForbidden(thrown) ? kmsForbidden : kmsFailed;
    throw problem(`${what}: ${messageOf(thrown)}`, { facts: { kek: kek.name }, cause: thrown });
  }
}

function propsOf({ kmsProps }: Kek): Record<string, string> {
  return Object.fromEntries([...kmsProps].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

function isForbidden(thrown: unknown): boolean {
  return thrown instanceof Problem && [401, 403].includes(Number(thrown.facts['status']));
}
