import { messageOf, Problem } from '@penstock/kernel';
import { createDekMaterial, type Kms, openKms } from '@penstock/schema';
import type { Dek, Kek } from './key.ts';
import { kmsFailed, kmsForbidden } from './problems.ts';

/** Other keys of the KMS that are tried where the first does not answer, as when a region is away. */
const alternateIds = 'encrypt.alternate.kms.key.ids';

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
  let first: unknown = null;
  let refusal: unknown = null;
  for (const kmsKeyId of keyIds(kek)) {
    try {
      return (await ask(openKms({ kmsType: kek.kmsType, kmsKeyId, kmsProps: propsOf(kek) }, process.env))).toString('base64');
    } catch (thrown) {
      first ??= thrown;
      if (isForbidden(thrown)) refusal ??= thrown;
    }
  }
  const thrown = refusal ?? first;
  const problem = refusal === null ? kmsFailed : kmsForbidden;
  throw problem(`${what}: ${messageOf(thrown)}`, { facts: { kek: kek.name }, cause: thrown });
}

function keyIds({ kmsKeyId, kmsProps }: Kek): string[] {
  const others = (kmsProps.get(alternateIds) ?? '').split(',').map((id) => id.trim());
  return [kmsKeyId, ...others.filter((id) => id !== '')];
}

function propsOf({ kmsProps }: Kek): Record<string, string> {
  return Object.fromEntries([...kmsProps].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

function isForbidden(thrown: unknown): boolean {
  return thrown instanceof Problem && [401, 403].includes(Number(thrown.facts['status']));
}
